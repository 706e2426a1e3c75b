/* Start-up of the Cortex-M0: vector table, static data, and the end of the program by semihosting. */
#include <stddef.h>
#include <stdint.h>

int main(void);
void reset(void);
void *memcpy(void *restrict target, const void *restrict source, size_t count);
void *memset(void *target, int value, size_t count);

/* Addresses that the linker script defines. */
extern uint32_t stack_top, data_start, data_end, data_source, bss_start, bss_end;

/* Numbers of "Semihosting for AArch32 and AArch64"; QEMU ends with status 0 only for the second reason. */
enum { SYS_EXIT = 0x18, RUN_TIME_ERROR = 0x20023, APPLICATION_EXIT = 0x20026 };

/* The compiler may turn loops into calls of these two; `volatile` keeps it from doing so here. */
void *memcpy(void *restrict target, const void *restrict source, size_t count)
{
    volatile uint8_t *to = target;
    const uint8_t *from = source;
    while (count-- > 0) {
        *to++ = *from++;
    }
    return target;
}

void *memset(void *target, int value, size_t count)
{
    volatile uint8_t *to = target;
    while (count-- > 0) {
        *to++ = (uint8_t)value;
    }
    return target;
}

static void leave(uint32_t reason)
{
    register uint32_t r0 __asm__("r0") = SYS_EXIT;
    register uint32_t r1 __asm__("r1") = reason;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    for (;;) {
    }
}

void reset(void)
{
    const uint32_t *from = &data_source;
    for (uint32_t *to = &data_start; to < &data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end; to++) {
        *to = 0;
    }
    leave(main() == 0 ? APPLICATION_EXIT : RUN_TIME_ERROR);
}

static void fault(void) { leave(RUN_TIME_ERROR); }

/* Initial stack pointer, reset, NMI, HardFault; nothing else is enabled. */
struct vector_table {
    uint32_t *stack;
    void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vector_table vectors = {
    &stack_top, { reset, fault, fault },
};
