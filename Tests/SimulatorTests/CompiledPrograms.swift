/// C programs whose compiled code uses much of the instruction set and of the compiler's library.
enum CompiledPrograms {
  static let all: [(name: String, text: String)] = [
    ("integers", integers), ("floats", floats), ("memory", memory), ("control", control),
  ]

  /// Declarations that all programs share: random numbers, and checks that go to the output.
  private static let common = """
    #include <stdint.h>
    #include <stdlib.h>
    #include <string.h>
    void output(const void *, int);
    static uint32_t seed = 1;
    static __attribute__((noinline)) uint32_t next(void) {
      seed ^= seed << 13; seed ^= seed >> 17; seed ^= seed << 5;
      return seed;
    }
    static void emit64(uint64_t value) { output(&value, 8); }
    static void emit32(uint32_t value) { output(&value, 4); }

    """

  /// Multiplication, division and shifts of 64 bits; division and remainder of 8, 16 and 32 bits.
  private static let integers =
    common + """
      static uint64_t wide(void) {
        const uint64_t a = (uint64_t)next() << 32 | next();
        switch (next() & 7) {
          case 0: return a >> 40;
          case 1: return (uint64_t)((int64_t)a >> 50);
          case 2: return UINT64_C(0x8000000000000000);
          case 3: return ~UINT64_C(0);
          default: return a;
        }
      }
      int main(void) {
        for (int i = 0; i < 120; i++) {
          const uint64_t a = wide(), b = wide() | 1;
          const int64_t c = (int64_t)(a >> 1), d = (int64_t)(b >> 2) * ((i & 1) ? 1 : -1);
          const unsigned n = next() & 63;
          emit64(a * b); emit64(a / b); emit64(a % b); emit64((uint64_t)(c / d)); emit64((uint64_t)(-c % d));
          emit64(a << n); emit64(a >> n); emit64((uint64_t)((int64_t)a >> n)); emit64(a + b); emit64(a - b);
          emit32((uint32_t)a / (uint32_t)b); emit32((uint32_t)((int32_t)a % (int16_t)(b | 1)));
          emit32((uint32_t)((uint8_t)a * (int8_t)b) + (uint32_t)((int16_t)a / (int8_t)(b | 1)));
          emit32((uint32_t)(((int64_t)(int32_t)a * (int32_t)b + (1 << 30)) >> 31));
          emit32((a < b) | (c < d) << 1 | (a == b) << 2 | ((int32_t)a >= (int32_t)b) << 3);
          emit32((uint32_t)__builtin_clz((uint32_t)b) + (uint32_t)__builtin_popcountll(a) + __builtin_bswap32((uint32_t)a));
        }
        return 0;
      }
      """

  /// Arithmetic, comparisons and conversions of float and double by the compiler's library; a square root, a power.
  private static let floats =
    common + """
      #include <math.h>
      static float single(void) {
        union { uint32_t bits; float value; } u = { next() };
        switch (next() & 7) {
          case 0: u.bits &= 0x807FFFFFu; break; /* denormal */
          case 1: u.bits = (u.bits & 0x80000000u) | 0x7F800000u; break; /* infinite */
          case 2: u.bits &= 0x80000000u; break;
          case 3: return (float)((int32_t)next() >> 16);
          default: u.bits = (u.bits & 0x87FFFFFFu) | 0x38000000u; break;
        }
        return u.value;
      }
      static void emit_float(float value) {
        uint32_t bits;
        memcpy(&bits, &value, 4);
        emit32(value != value ? 0x7FC00000u : bits);
      }
      static void emit_double(double value) {
        uint64_t bits;
        memcpy(&bits, &value, 8);
        emit64(value != value ? UINT64_C(0x7FF8000000000000) : bits);
      }
      int main(void) {
        for (int i = 0; i < 120; i++) {
          const float a = single(), b = single();
          const double c = (double)a * 3.25 + i, d = (double)b - 1e-3;
          const float small = (float)((int32_t)next() >> 12) / 64.0f;
          emit_float(a + b); emit_float(a - b); emit_float(a * b); emit_float(a / b);
          emit_double(c + d); emit_double(c - d); emit_double(c * d); emit_double(c / d); emit_float((float)c);
          emit32((uint32_t)(int32_t)small); emit32((uint32_t)fabsf(small)); emit64((uint64_t)(int64_t)(small * 1e6f));
          emit_float((float)next()); emit_double((double)(int64_t)(next() * UINT64_C(0x123456789)));
          emit32((a < b) | (a == b) << 1 | (c >= d) << 2 | (c != d) << 3);
          emit_double(sqrt(fabs((double)small))); emit_float(sqrtf(fabsf(small)));
        }
        for (int i = 0; i < 8; i++) { emit_double(exp(-0.5 * i)); emit_double(sin(0.3 * i)); emit_double(pow(1.1, i)); }
        return 0;
      }
      """

  /// Copies of structures, memcpy, memmove and memset with all alignments, fields of bits, variables with values.
  private static let memory =
    common + """
      struct record { uint8_t a; uint16_t b; uint32_t c; uint64_t d; int8_t e[13]; };
      struct fields { unsigned a : 3; int b : 7; unsigned c : 13; int d : 9; };
      static uint8_t area[256];
      static struct record table[6] = { { 1, 2, 3, 4, "five" }, { .c = 0xDEADBEEF, .e = "a" } };
      static struct fields packed = { 5, -3, 4095, -200 };
      static __attribute__((noinline)) struct record changed(struct record value, int by) {
        value.a += (uint8_t)by; value.b ^= (uint16_t)(by * 77); value.d -= (uint64_t)by << 33; value.e[by % 13] = (int8_t)by;
        return value;
      }
      int main(void) {
        for (unsigned i = 0; i < sizeof area; i++) area[i] = (uint8_t)next();
        for (int i = 0; i < 60; i++) {
          const unsigned to = next() % 60, from = next() % 60, count = next() % 100;
          memcpy(area + to, area + 130 + from / 2, count % 70);
          memmove(area + from, area + to, count);
          memset(area + next() % 200, i, count % 50);
          table[i % 6] = changed(table[(i + 1) % 6], i);
          packed.a += 1; packed.b -= 3; packed.c ^= next(); packed.d += packed.b;
          emit32((uint32_t)memcmp(area + to, area + from, 16) >> 31);
          emit32((uint32_t)(packed.a + packed.b + (int)packed.c + packed.d));
          output(area, sizeof area);
          output(&table[i % 6].d, 8);
        }
        emit32((uint32_t)strlen((const char *)table[0].e));
        return 0;
      }
      """

  /// Recursion, switches by tables, pointers to functions, and sorting by the C library.
  private static let control =
    common + """
      static __attribute__((noinline)) uint32_t ackermann(uint32_t m, uint32_t n) {
        return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
      }
      static __attribute__((noinline)) int choose(int kind, int a, int b) {
        switch (kind) {
          case 0: return a + b; case 1: return a - b; case 2: return a * b; case 3: return a & b; case 4: return a | b;
          case 5: return a ^ b; case 6: return a << (b & 15); case 7: return a >> (b & 15); case 8: return ~a;
          case 9: return a < b; case 20: return -b; case 21: return a % (b | 1); case 1000: return 7; default: return kind;
        }
      }
      static int twice(int a) { return 2 * a; }
      static int negative(int a) { return -a; }
      static int mixed(int a) { return choose(a & 31, a, a >> 3); }
      static int (*const functions[])(int) = { twice, negative, mixed, abs };
      static int ascending(const void *a, const void *b) {
        const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
        return (x > y) - (x < y);
      }
      static int32_t values[200];
      static __attribute__((noinline)) unsigned hanoi(int n, int a, int b, int c, uint8_t *pegs) {
        if (n == 0) return 0;
        const unsigned moves = hanoi(n - 1, a, c, b, pegs);
        pegs[a] -= 1; pegs[b] += 1;
        return moves + 1 + hanoi(n - 1, c, b, a, pegs);
      }
      int main(void) {
        for (int i = 0; i < 300; i++) {
          emit32((uint32_t)choose(i % 24, (int)(next() >> 4), (int)(next() >> 8)));
          emit32((uint32_t)functions[next() & 3]((int)(next() >> 2)));
        }
        emit32((uint32_t)choose(1000, 0, 0)); emit32(ackermann(2, 9));
        for (int i = 0; i < 200; i++) values[i] = (int32_t)next() >> (next() & 31);
        qsort(values, 200, sizeof values[0], ascending);
        output(values, sizeof values);
        const int32_t key = values[77];
        emit32(*(int32_t *)bsearch(&key, values, 200, sizeof values[0], ascending) == key);
        uint8_t pegs[3] = { 8, 0, 0 };
        emit32(hanoi(8, 0, 1, 2, pegs)); output(pegs, 3);
        return 0;
      }
      """
}
