# /// gururmm
# interpreter = "powershell"
# name = "Clean up temporary files of Windows"
# folder = "Windows"
# description = """
# Finds files directly in the temporary folder of Windows that nobody has written for some days. Only tells what it would delete unless the mode is delete.
# Folders and links stay, since any user can make them there. Ends with 1 when a file could not be deleted."""
# platforms = ["windows"]
# context = "system"
# elevated = true
# timeout_seconds = 600
#
# [[parameters]]
# name = "days"
# label = "Not written for days"
# kind = "number"
# default = "14"
# min = 1
# max = 3650
#
# [[parameters]]
# name = "mode"
# label = "Mode"
# kind = "choice"
# default = "dry_run"
# choices = ["dry_run", "delete"]
# ///
$ErrorActionPreference = 'Stop'

function Stop-Wrong([string]$Message) {
    [Console]::Error.WriteLine($Message)
    exit 2
}

$days = 14
if ($env:PARAM_DAYS) {
    if ($env:PARAM_DAYS -notmatch '\A[1-9][0-9]{0,3}\z' -or [int]$env:PARAM_DAYS -gt 3650) {
        Stop-Wrong 'The days must be a whole number between 1 and 3650.'
    }
    $days = [int]$env:PARAM_DAYS
}
$mode = 'dry_run'
if ($env:PARAM_MODE) { $mode = $env:PARAM_MODE }
if ($mode -cne 'dry_run' -and $mode -cne 'delete') {
    Stop-Wrong 'The mode must be dry_run or delete.'
}

$folder = Join-Path -Path $env:SystemRoot -ChildPath 'Temp'
$since = (Get-Date).AddDays(-$days)
try {
    $files = @(Get-ChildItem -LiteralPath $folder -File -Force | Where-Object {
        $_.LastWriteTime -lt $since -and -not ($_.Attributes -band [IO.FileAttributes]::ReparsePoint)
    } | Sort-Object -Property Length -Descending)
} catch {
    Write-Output "$folder could not be read: $($_.Exception.Message)"
    exit 1
}

$bytes = 0
foreach ($file in $files) { $bytes += $file.Length }
Write-Output ('{0} files in {1} were not written for {2} days: {3:N1} MiB.' -f $files.Count, $folder, $days, ($bytes / 1MB))
foreach ($file in ($files | Select-Object -First 50)) {
    Write-Output ('  {0,10:N0} KiB  {1}' -f [math]::Ceiling($file.Length / 1KB), $file.Name)
}
if ($files.Count -eq 0) { exit 0 }
if ($mode -ceq 'dry_run') {
    Write-Output 'Nothing was deleted. Choose the mode delete to delete them.'
    exit 0
}

$deleted = 0
foreach ($file in $files) {
    try {
        Remove-Item -LiteralPath $file.FullName -Force
        $deleted++
    } catch {
        Write-Output "  $($file.Name) stays: $($_.Exception.Message)"
    }
}
Write-Output "$deleted files were deleted."
if ($deleted -lt $files.Count) { exit 1 }
exit 0
