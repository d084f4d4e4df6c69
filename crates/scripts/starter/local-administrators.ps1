# /// gururmm
# interpreter = "powershell"
# name = "Local administrators"
# folder = "Windows"
# description = """
# Lists the members of the local group of administrators, whatever its name in the language of Windows. Changes nothing.
# Name the accounts that are expected to be told of others: the script then ends with 1 when there are any."""
# platforms = ["windows"]
# context = "system"
# elevated = true
# timeout_seconds = 120
#
# [[parameters]]
# name = "expected"
# label = "Expected accounts, with commas between them"
# kind = "string"
# max_length = 2000
# ///
$ErrorActionPreference = 'Stop'

$expected = @()
if ($env:PARAM_EXPECTED) {
    $expected = @($env:PARAM_EXPECTED.Split(',') | ForEach-Object { $_.Trim() } | Where-Object { $_ })
    if ($expected.Count -eq 0 -or $env:PARAM_EXPECTED -match '["/:;|=+*?<>\[\]\r\n]') {
        [Console]::Error.WriteLine('The expected accounts must be names with commas between them, such as Administrator, OFFICE\Domain Admins.')
        exit 2
    }
}

try {
    $sid = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList 'S-1-5-32-544'
    $group = $sid.Translate([System.Security.Principal.NTAccount]).Value.Split('\')[-1]
    # Get-LocalGroupMember fails as soon as one member does not exist any more
    $members = @(([ADSI]"WinNT://$env:COMPUTERNAME/$group,group").Invoke('Members') | ForEach-Object {
        $path = $_.GetType().InvokeMember('ADsPath', 'GetProperty', $null, $_, $null)
        $parts = @($path.Substring('WinNT://'.Length).Split('/'))
        if ($parts.Count -gt 1) { $parts[-2] + '\' + $parts[-1] } else { $parts[-1] }
    })
} catch {
    Write-Output "The administrators could not be read: $($_.Exception.Message)"
    exit 1
}

Write-Output "Members of ${group}:"
$odd = 0
foreach ($member in ($members | Sort-Object)) {
    $name = $member.Split('\')[-1]
    $isLocal = $member.StartsWith("$env:COMPUTERNAME\", [StringComparison]::OrdinalIgnoreCase)
    $isKnown = $expected -contains $member -or ($isLocal -and $expected -contains $name)
    if ($expected.Count -gt 0 -and -not $isKnown) {
        $odd++
        Write-Output "  $member  <- not expected"
    } else {
        Write-Output "  $member"
    }
}
if ($odd -gt 0) {
    Write-Output "$odd are not expected."
    exit 1
}
exit 0
