/* What the server and its helper for networks say to each other: words and numbers on lines. */
#include "nets.h"
#include "place.h"
#include "roles.h"

enum { SAID_MOST = 1 << 14 };

static char said[SAID_MOST];
static u64 said_size;

void nets_flush(void) {
  for (u64 at = 0; at < said_size;) {
    long done = CALL3(write, 1, said + at, said_size - at);
    if (done <= 0) leave(0); /* the server is gone */
    at += (u64)done;
  }
  said_size = 0;
}

void nets_say(const char *text) {
  u64 size = text_size(text);
  if (said_size + size > SAID_MOST) nets_flush();
  memcpy(said + said_size, text, size);
  said_size += size;
}

void nets_say_number(i64 number) {
  char digits[DIGITS];
  digits_of((u64)(number < 0 ? -number : number), digits);
  nets_say(number < 0 ? " -" : " ");
  nets_say(digits);
}

void nets_say_hex(const u8 *bytes, u32 size) {
  static const char digits[] = "0123456789abcdef";
  for (u32 n = 0; n < size; n += 1) {
    char two[] = {digits[bytes[n] >> 4], digits[bytes[n] & 15], 0};
    nets_say(two);
  }
}

static int digit(char one) {
  if (one >= '0' && one <= '9') return one - '0';
  return one >= 'a' && one <= 'f' ? one - 'a' + 10 : -1;
}

/* Bytes as hexadecimal digits; how many, or 0 for what are none. */
u32 nets_hex(const char *word, u8 *bytes, u32 most) {
  u32 size = 0;
  for (; word[2 * size]; size += 1) {
    int high = digit(word[2 * size]), low = high < 0 ? -1 : digit(word[2 * size + 1]);
    if (low < 0 || size == most) return 0;
    bytes[size] = (u8)(high << 4 | low);
  }
  return size;
}

u64 nets_number(const char *word) {
  u64 number = 0;
  for (; *word >= '0' && *word <= '9' && number < 1UL << 40; word += 1) number = 10 * number + (u64)(*word - '0');
  return *word ? 0 : number;
}
