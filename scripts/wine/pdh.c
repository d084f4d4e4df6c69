/* For tests under Wine only. Wine 8's PdhEnumObjectsW ends the process that calls it, and sysinfo calls it before it
 * measures the CPU. This library knows one counter, the CPU usage of the whole machine, and answers it for every name. */
#include <windows.h>

#define EXPORT __declspec(dllexport) LONG WINAPI
#define FAILED_CALL 1

typedef struct {
    DWORD status;
    union {
        LONG long_value;
        double double_value;
        LONGLONG large_value;
    } value;
} counter_value;

static ULONGLONG idle_before, total_before;
static double percent;

static ULONGLONG ticks(FILETIME time)
{
    return ((ULONGLONG)time.dwHighDateTime << 32) | time.dwLowDateTime;
}

EXPORT PdhEnumObjectsW(LPCWSTR source, LPCWSTR machine, LPWSTR list, LPDWORD length, DWORD detail, BOOL refresh)
{
    if (length)
        *length = 0;
    return ERROR_SUCCESS;
}

EXPORT PdhOpenQueryW(LPCWSTR source, DWORD_PTR user, HANDLE *query)
{
    *query = (HANDLE)(ULONG_PTR)1;
    return ERROR_SUCCESS;
}

EXPORT PdhAddEnglishCounterW(HANDLE query, LPCWSTR path, DWORD_PTR user, HANDLE *counter)
{
    *counter = (HANDLE)(ULONG_PTR)2;
    return ERROR_SUCCESS;
}

EXPORT PdhRemoveCounter(HANDLE counter)
{
    return ERROR_SUCCESS;
}

EXPORT PdhCloseQuery(HANDLE query)
{
    return ERROR_SUCCESS;
}

EXPORT PdhCollectQueryData(HANDLE query)
{
    FILETIME idle, kernel, user;
    if (!GetSystemTimes(&idle, &kernel, &user))
        return FAILED_CALL;
    /* the kernel's time includes the idle time */
    ULONGLONG idle_now = ticks(idle), total_now = ticks(kernel) + ticks(user);
    if (total_before != 0 && total_now > total_before)
        percent = 100.0 - 100.0 * (double)(idle_now - idle_before) / (double)(total_now - total_before);
    if (percent < 0)
        percent = 0;
    if (percent > 100)
        percent = 100;
    idle_before = idle_now;
    total_before = total_now;
    return ERROR_SUCCESS;
}

EXPORT PdhGetFormattedCounterValue(HANDLE counter, DWORD format, LPDWORD type, counter_value *value)
{
    value->status = ERROR_SUCCESS;
    value->value.double_value = percent;
    return ERROR_SUCCESS;
}

EXPORT PdhGetFormattedCounterArrayW(HANDLE counter, DWORD format, LPDWORD size, LPDWORD count, void *items)
{
    *size = 0;
    *count = 0;
    return ERROR_SUCCESS;
}
