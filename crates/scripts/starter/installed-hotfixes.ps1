# /// gururmm
# interpreter = "powershell"
# name = "Installed updates of Windows"
# folder = "Windows"
# description = "Lists the installed updates of Windows, the newest first. Changes nothing. Ends with 1 when the newest is older than the days."
# platforms = ["windows"]
# context = "system"
# elevated = true
# timeout_seconds = 120
#
# [[parameters]]
# name = "days"
# label = "Too old after days"
# kind = "number"
# default = "45"
# min = 1
# max = 3650
# ///
$ErrorActionPreference = 'Stop'

$days = 45
if ($env:PARAM_DAYS) {
    if ($env:PARAM_DAYS -notmatch '\A[1-9][0-9]{0,3}\z' -or [int]$env:PARAM_DAYS -gt 3650) {
        [Console]::Error.WriteLine('The days must be a whole number between 1 and 3650.')
        exit 2
    }
    $days = [int]$env:PARAM_DAYS
}

try {
    $updates = @(Get-CimInstance -ClassName Win32_QuickFixEngineering)
} catch {
    Write-Output "The installed updates could not be read: $($_.Exception.Message)"
    exit 1
}

$known = @(foreach ($update in $updates) {
    $installed = $null
    # some entries have no day, or one in a spelling that cannot be read
    try { $installed = [datetime]$update.InstalledOn } catch { $installed = $null }
    [pscustomobject]@{ Update = $update.HotFixID; Kind = $update.Description; Installed = $installed; By = $update.InstalledBy }
}) | Sort-Object -Property Installed -Descending

$known |
    Select-Object Update, Kind, @{ Name = 'Installed'; Expression = { if ($_.Installed) { $_.Installed.ToString('yyyy-MM-dd') } else { '?' } } }, By |
    Format-Table -AutoSize | Out-String -Width 200 | Write-Output

$newest = $known | Where-Object { $_.Installed } | Select-Object -First 1
if (-not $newest) {
    Write-Output 'No update with a day is known.'
    exit 1
}
$age = [int][math]::Floor(((Get-Date) - $newest.Installed).TotalDays)
Write-Output "The newest, $($newest.Update), was installed $age days ago."
if ($age -gt $days) {
    Write-Output "That is more than $days days."
    exit 1
}
exit 0
