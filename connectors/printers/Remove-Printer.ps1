# Removes a printer. Its port and driver stay, since others may use them.
param([Parameter(Mandatory = $true)] [string] $Name)
Get-Printer | Where-Object { $_.Name -eq $Name } | Remove-Printer -Confirm:$false
