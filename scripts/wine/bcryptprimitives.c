/* For tests under Wine only. Wine 8 lacks bcryptprimitives.dll, from which Rust's standard library takes its random
 * numbers (ProcessPrng). SystemFunction036 is the older door to the same generator. */
#include <windows.h>

#define CHUNK 0x10000000

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length)
{
    while (length > 0) {
        ULONG part = length > CHUNK ? CHUNK : (ULONG)length;
        if (!SystemFunction036(buffer, part))
            return FALSE;
        buffer += part;
        length -= part;
    }
    return TRUE;
}
