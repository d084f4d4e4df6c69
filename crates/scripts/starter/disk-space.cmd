:: /// gururmm
:: interpreter = "cmd"
:: name = "Free disk space"
:: folder = "Windows"
:: description = "Tells how much space is free on drives. Changes nothing. Ends with 1 when a drive has less than it should."
:: platforms = ["windows"]
:: context = "system"
:: elevated = true
:: timeout_seconds = 60
::
:: [[parameters]]
:: name = "drives"
:: label = "Drives, with spaces between them"
:: kind = "string"
:: default = "C:"
:: max_length = 80
::
:: [[parameters]]
:: name = "minimum_gb"
:: label = "At least so many GB free"
:: kind = "number"
:: default = "10"
:: min = 1
:: max = 100000
:: ///
@echo off
setlocal EnableExtensions DisableDelayedExpansion
if not defined PARAM_DRIVES set "PARAM_DRIVES=C:"
if not defined PARAM_MINIMUM_GB set "PARAM_MINIMUM_GB=10"

rem Checked before it is expanded: without the allowed characters only a piece of its name may be left of a variable,
rem and only of one line.
for /f "tokens=2 delims==0123456789" %%A in ('set PARAM_MINIMUM_GB') do goto wrong_minimum
for /f "tokens=1 delims==0123456789" %%A in ('set PARAM_MINIMUM_GB') do if not "%%A"=="PARAM_MINIMUM_GB" goto wrong_minimum
for /f "tokens=2 delims==:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz " %%A in ('set PARAM_DRIVES') do goto wrong_drives
for /f "tokens=1 delims==:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz " %%A in ('set PARAM_DRIVES') do if not "%%A"=="_" goto wrong_drives

set "minimum=%PARAM_MINIMUM_GB%"
if "%minimum:~0,1%"=="0" goto wrong_minimum
if not "%minimum:~6%"=="" goto wrong_minimum
if %minimum% gtr 100000 goto wrong_minimum

set "count=0"
set "drives=%PARAM_DRIVES::= %"
set "failed="
for %%D in (%drives%) do call :check %%D
if defined failed exit /b 2
if %count%==0 goto wrong_drives
set "attention=0"
for %%D in (%drives%) do call :look %%D
exit /b %attention%

:check
set "drive=%~1"
set "letter=%drive:~0,1%"
if not "%drive%"=="%letter%" goto wrong_drives
if not exist "%letter%:\*" goto no_drive
set /a count+=1
exit /b 0

:look
set "letter=%~1"
set "free=x"
rem the last line of a listing, whatever the language, has the free bytes as its third word
for /f "tokens=3" %%F in ('dir /-c /ad "%letter%:\" 2^>nul') do set "free=%%F"
rem without digits there is no number
for /f "delims=0123456789" %%A in ("%free%") do goto look_failed
set "gb=%free:~0,-9%"
if "%gb%"=="" set "gb=0"
if %gb% lss %minimum% (
    set "attention=1"
    echo %letter%:  %gb% GB free, less than %minimum% GB
) else (
    echo %letter%:  %gb% GB free
)
exit /b 0

:look_failed
set "attention=1"
echo %letter%:  the free space could not be read
exit /b 0

:wrong_minimum
>&2 echo The minimum must be a whole number between 1 and 100000.
exit /b 2

:wrong_drives
set "failed=1"
>&2 echo The drives must be letters with spaces between them, such as C: D:
exit /b 2

:no_drive
set "failed=1"
>&2 echo There is no drive %letter%: here.
exit /b 2
