/* Reads handwritten digits on a BBC micro:bit and reports over its serial port. */
#include <stdint.h>

#include "digits.h"
#include "images.h"

/* UART of the nRF51, from its reference manual. */
#define UART_REGISTER(offset) (*(volatile uint32_t *)(0x40002000u + (offset)))
#define UART_STARTTX UART_REGISTER(0x008u)
#define UART_TXDRDY UART_REGISTER(0x11Cu)
#define UART_ENABLE UART_REGISTER(0x500u)
#define UART_PSELTXD UART_REGISTER(0x50Cu)
#define UART_TXD UART_REGISTER(0x51Cu)
#define UART_BAUDRATE UART_REGISTER(0x524u)
#define GPIO_OUTSET (*(volatile uint32_t *)0x50000508u)
#define GPIO_DIRSET (*(volatile uint32_t *)0x50000518u)

enum { TX_PIN = 24, UART_ENABLED = 4, BAUD_115200 = 0x01D7E000 };
enum { SIDE = 8, DRAWN = 5, TEXT_ROW = 3 };

static void uart_open(void)
{
    /* The line idles high; otherwise the receiver sees a break before the first character. */
    GPIO_OUTSET = 1u << TX_PIN;
    GPIO_DIRSET = 1u << TX_PIN;
    UART_PSELTXD = TX_PIN;
    UART_BAUDRATE = BAUD_115200;
    UART_ENABLE = UART_ENABLED;
    UART_STARTTX = 1;
}

static void put_char(char character)
{
    UART_TXDRDY = 0;
    UART_TXD = (uint8_t)character;
    while (UART_TXDRDY == 0) {
    }
}

static void put_text(const char *text)
{
    while (*text != '\0') {
        if (*text == '\n') {
            put_char('\r');
        }
        put_char(*text++);
    }
}

static void put_number(uint32_t number)
{
    if (number >= 10) {
        put_number(number / 10);
    }
    put_char((char)('0' + number % 10));
}

/* A number of thousandths as percent with one decimal. */
static void put_percent(uint32_t thousandths)
{
    put_number(thousandths / 10);
    put_char('.');
    put_number(thousandths % 10);
    put_text(" %");
}

static int32_t largest(const int8_t *scores)
{
    int32_t best = 0;
    for (int32_t i = 1; i < DIGITS_OUTPUT_SIZE; i++) {
        if (scores[i] > scores[best]) {
            best = i;
        }
    }
    return best;
}

static void put_answer(const int8_t *scores, int32_t label)
{
    const int32_t answer = largest(scores);
    /* Softmax has the scale 1/256 in every int8 model. */
    const uint32_t score = (uint32_t)(scores[answer] - DIGITS_OUTPUT_ZERO_POINT);
    put_text("   answer ");
    put_number((uint32_t)answer);
    put_text(" with ");
    put_percent((score * 1000u + 128u) / 256u);
    put_text(", label ");
    put_number((uint32_t)label);
}

/* The image, two characters for each pixel as they are about twice as high as wide; the answer stands beside it. */
static void draw(const int8_t *image, const int8_t *scores, int32_t label)
{
    static const char shades[] = " .:-=+*#%@";
    for (int32_t row = 0; row < SIDE; row++) {
        put_text("  ");
        for (int32_t column = 0; column < SIDE; column++) {
            const int32_t level = (image[row * SIDE + column] - DIGITS_INPUT_ZERO_POINT) * 9 / 255;
            put_char(shades[level]);
            put_char(shades[level]);
        }
        if (row == TEXT_ROW) {
            put_answer(scores, label);
        }
        put_char('\r');
        put_char('\n');
    }
}

static int differs(const int8_t *a, const int8_t *b)
{
    int difference = 0;
    for (int32_t i = 0; i < DIGITS_OUTPUT_SIZE; i++) {
        difference |= a[i] != b[i];
    }
    return difference;
}

int main(void)
{
    static int8_t scores[DIGITS_OUTPUT_SIZE];
    uint32_t equal = 0;
    uint32_t right = 0;

    uart_open();
    put_text("digits on a Cortex-M0: arena of ");
    put_number(DIGITS_ARENA_BYTES);
    put_text(" bytes, RAM of 16384 bytes\n");
    for (int32_t i = 0; i < IMAGE_COUNT; i++) {
        digits_run(images[i], scores);
        if (i < DRAWN) {
            put_text("\n");
            draw(images[i], scores, labels[i]);
        }
        equal += differs(scores, expected[i]) ? 0u : 1u;
        right += largest(scores) == labels[i] ? 1u : 0u;
    }
    put_text("\n");
    put_number(equal);
    put_text(" of ");
    put_number(IMAGE_COUNT);
    put_text(" outputs are the expected ones, bit for bit; ");
    put_percent((right * 1000u + IMAGE_COUNT / 2u) / IMAGE_COUNT);
    put_text(" of the answers are right\n");
    return equal == IMAGE_COUNT ? 0 : 1;
}
