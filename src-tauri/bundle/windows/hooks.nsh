; What Tauri's installer leaves undone. It takes the entry in Run away itself, and the scheme, if it is this program's.

!macro NSIS_HOOK_POSTUNINSTALL
  ${If} $UpdateMode <> 1
    ; What the Task Manager remembers of "start at login".
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run" "${PRODUCTNAME}"
  ${EndIf}
!macroend
