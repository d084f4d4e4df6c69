:: /// gururmm
:: interpreter = "cmd"
:: name = "Automatic services that are stopped"
:: folder = "Windows"
:: description = """
:: Lists services that start by themselves and are stopped now. Those that wait for an event are left out. Starts nothing.
:: Ends with 1 when there are any."""
:: platforms = ["windows"]
:: context = "system"
:: elevated = true
:: timeout_seconds = 180
::
:: [[parameters]]
:: name = "ignored"
:: label = "Services to ignore: short names without _, with spaces between them"
:: kind = "string"
:: default = "edgeupdate gupdate MapsBroker sppsvc"
:: max_length = 1000
:: ///
@echo off
setlocal EnableExtensions DisableDelayedExpansion
if not defined PARAM_IGNORED set "PARAM_IGNORED=edgeupdate gupdate MapsBroker sppsvc"

rem Checked before it is expanded: without the allowed characters only a piece of its name may be left of a variable,
rem and only of one line.
for /f "tokens=2 delims==ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-$ " %%A in ('set PARAM_IGNORED') do goto wrong
for /f "tokens=1 delims==ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-$ " %%A in ('set PARAM_IGNORED') do if not "%%A"=="_" goto wrong

set "services=HKLM\SYSTEM\CurrentControlSet\Services"
set "seen=0"
set "found=0"
for /f "tokens=1,* delims=:" %%A in ('sc query type^= service state^= inactive bufsize^= 262144 2^>nul ^| find "SERVICE_NAME:"') do (
    set /a seen+=1
    for /f "tokens=*" %%S in ("%%B") do call :look "%%S"
)
if %seen%==0 (
    echo No stopped service could be listed, so nothing is known.
    exit /b 1
)
if %found%==0 (
    echo Every automatic service runs.
    exit /b 0
)
echo.
echo %found% automatic services are stopped.
exit /b 1

:look
for %%I in (%PARAM_IGNORED%) do if /i "%%I"=="%~1" exit /b 0
reg query "%services%\%~1" /v Start 2>nul | find "0x2" >nul || exit /b 0
rem what starts at an event is stopped until there is one
reg query "%services%\%~1\TriggerInfo" >nul 2>nul && exit /b 0
set /a found+=1
echo "%~1"
sc query "%~1" | find "EXIT_CODE"
exit /b 0

:wrong
>&2 echo The services must be short names with spaces between them, such as gupdate sppsvc.
exit /b 2
