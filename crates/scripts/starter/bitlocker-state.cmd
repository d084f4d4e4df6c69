:: /// gururmm
:: interpreter = "cmd"
:: name = "BitLocker state"
:: folder = "Windows"
:: description = "Shows the state of BitLocker on drives, without their keys. Needs all rights. Changes nothing. Ends with 1 when a drive is not protected."
:: platforms = ["windows"]
:: context = "system"
:: elevated = true
:: timeout_seconds = 120
::
:: [[parameters]]
:: name = "drives"
:: label = "Drives, with spaces between them"
:: kind = "string"
:: default = "C:"
:: max_length = 80
:: ///
@echo off
setlocal EnableExtensions DisableDelayedExpansion
if not defined PARAM_DRIVES set "PARAM_DRIVES=C:"

rem Checked before it is expanded: without the allowed characters only a piece of its name may be left of a variable,
rem and only of one line.
for /f "tokens=2 delims==:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz " %%A in ('set PARAM_DRIVES') do goto wrong_drives
for /f "tokens=1 delims==:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz " %%A in ('set PARAM_DRIVES') do if not "%%A"=="_" goto wrong_drives

set "letters="
set "drives=%PARAM_DRIVES::= %"
set "failed="
for %%D in (%drives%) do call :check %%D
if defined failed exit /b 2
if "%letters%"=="" goto wrong_drives

set "manage=%SystemRoot%\System32\manage-bde.exe"
if not exist "%manage%" (
    echo There is no BitLocker on this Windows, so no drive is protected by it.
    exit /b 1
)
set "attention=0"
for %%L in (%letters%) do call :look %%L
if %attention%==1 (
    echo Not every drive is protected.
) else (
    echo Every drive is protected.
)
exit /b %attention%

:check
set "drive=%~1"
set "letter=%drive:~0,1%"
if not "%drive%"=="%letter%" goto wrong_drives
if not exist "%letter%:\*" goto no_drive
set "letters=%letters% %letter%"
exit /b 0

:look
"%manage%" -status %1:
rem by its exit code, since what it says is in the language of Windows
"%manage%" -status %1: -protectionaserrorlevel >nul 2>nul
if not %errorlevel%==0 set "attention=1"
exit /b 0

:wrong_drives
set "failed=1"
>&2 echo The drives must be letters with spaces between them, such as C: D:
exit /b 2

:no_drive
set "failed=1"
>&2 echo There is no drive %letter%: here.
exit /b 2
