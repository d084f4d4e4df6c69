:: /// gururmm
:: interpreter = "cmd"
:: name = "Recent restarts"
:: folder = "Windows"
:: description = "Shows when Windows started and stopped, who asked for it, and whether it went down without being shut down. Changes nothing. Ends with 1 when it did."
:: platforms = ["windows"]
:: context = "system"
:: elevated = true
:: timeout_seconds = 120
::
:: [[parameters]]
:: name = "days"
:: label = "Of the last days"
:: kind = "number"
:: default = "30"
:: min = 1
:: max = 366
::
:: [[parameters]]
:: name = "count"
:: label = "How many events to show"
:: kind = "number"
:: default = "20"
:: min = 1
:: max = 200
:: ///
@echo off
setlocal EnableExtensions DisableDelayedExpansion
if not defined PARAM_DAYS set "PARAM_DAYS=30"
if not defined PARAM_COUNT set "PARAM_COUNT=20"

rem Checked before it is expanded: without the allowed characters only a piece of its name may be left of a variable,
rem and only of one line.
for /f "tokens=2 delims==0123456789" %%A in ('set PARAM_DAYS') do goto wrong
for /f "tokens=1 delims==0123456789" %%A in ('set PARAM_DAYS') do if not "%%A"=="PARAM_DAYS" goto wrong
for /f "tokens=2 delims==0123456789" %%A in ('set PARAM_COUNT') do goto wrong
for /f "tokens=1 delims==0123456789" %%A in ('set PARAM_COUNT') do if not "%%A"=="PARAM_COUNT" goto wrong
set "days=%PARAM_DAYS%"
set "count=%PARAM_COUNT%"
if "%days:~0,1%"=="0" goto wrong
if "%count:~0,1%"=="0" goto wrong
if not "%days:~3%"=="" goto wrong
if not "%count:~3%"=="" goto wrong
if %days% gtr 366 goto wrong
if %count% gtr 200 goto wrong

rem milliseconds of so many days; as a number they would not fit into 32 bits
set /a hundreds=%days%*864
set "since=TimeCreated[timediff(@SystemTime) <= %hundreds%00000]"
set "crashes=(Provider[@Name='Microsoft-Windows-Kernel-Power'] and EventID=41) or (Provider[@Name='EventLog'] and EventID=6008)"
set "others=(Provider[@Name='User32'] and EventID=1074) or (Provider[@Name='EventLog'] and (EventID=6005 or EventID=6006))"

echo Starts (6005), stops (6006), requests (1074) and crashes (41, 6008) of the last %days% days, the newest first:
wevtutil qe System /rd:true /c:%count% /f:text "/q:*[System[%since% and (%crashes% or %others%)]]"
if errorlevel 1 (
    echo The event log could not be read.
    exit /b 1
)
wevtutil qe System /c:1 /f:text "/q:*[System[%since% and (%crashes%)]]" 2>nul | find ":" >nul
if errorlevel 1 (
    echo No crash is among them.
    exit /b 0
)
echo Windows went down at least once without being shut down.
exit /b 1

:wrong
>&2 echo The days must be a whole number between 1 and 366, the count one between 1 and 200.
exit /b 2
