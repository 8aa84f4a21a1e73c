# Lets an account or a group use a share.
param(
  [Parameter(Mandatory = $true)] [string] $Share,
  [Parameter(Mandatory = $true)] [string] $Account,
  [Parameter(Mandatory = $true)] [string] $Right
)
Grant-SmbShareAccess -Name $Share -AccountName $Account -AccessRight $Right -Force | Out-Null
