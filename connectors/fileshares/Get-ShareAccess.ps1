# Gives who may use a share, and how.
param([Parameter(Mandatory = $true)] [string] $Share)
Get-SmbShareAccess -Name $Share | ForEach-Object {
  [pscustomobject]@{
    account = [string] $_.AccountName
    control = [string] $_.AccessControlType
    right   = [string] $_.AccessRight
  }
}
