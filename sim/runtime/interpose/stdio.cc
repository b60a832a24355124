// Output: what the program writes to stdout and stderr is written at once, each call a scheduling point,
// to where descriptors 1 and 2 lead: mostly, to where output is captured.
#undef __OPTIMIZE__  // with it, the headers define some of these functions inline
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "sim/runtime/delivery.h"
#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/common.h"

using namespace csim;

namespace {

// 1 or 2 if the stream is captured, else 0.
int CapturedStream(FILE* file) {
  if (!g_runtime.Active() || (file != stdout && file != stderr)) return 0;
  CheckAsyncSafe("a stdio function");
  return file == stdout ? 1 : 2;
}

// All of it, or false with errno.
bool WriteAll(int fd, const char* data, size_t size) {
  for (size_t done = 0; done < size;) {
    const long written = WriteOwn(fd, data + done, size - done);
    if (written < 0) {
      errno = static_cast<int>(-written);
      return false;
    }
    done += static_cast<size_t>(written);
  }
  return true;
}

int Format(int fd, const char* format, va_list list) {
  char small[1024];
  va_list again;
  va_copy(again, list);
  const int size = vsnprintf(small, sizeof small, format, list);
  if (size < 0) return size;
  if (static_cast<size_t>(size) < sizeof small) {
    va_end(again);
    return WriteAll(fd, small, static_cast<size_t>(size)) ? size : -1;
  }
  auto* large = static_cast<char*>(malloc(static_cast<size_t>(size) + 1));
  vsnprintf(large, static_cast<size_t>(size) + 1, format, again);
  va_end(again);
  const bool written = WriteAll(fd, large, static_cast<size_t>(size));
  free(large);
  return written ? size : -1;
}

int PutCharacter(int fd, int c) {
  const char byte = static_cast<char>(c);
  return WriteAll(fd, &byte, 1) ? static_cast<unsigned char>(c) : EOF;
}

}  // namespace

CSIM_INTERPOSE int vfprintf(FILE* file, const char* format, va_list list) {
  if (const int s = CapturedStream(file)) return Format(s, format, list);
  return CSIM_REAL(vfprintf)(file, format, list);
}

CSIM_INTERPOSE int vprintf(const char* format, va_list list) {
  return vfprintf(stdout, format, list);
}

CSIM_INTERPOSE int printf(const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int result = vfprintf(stdout, format, list);
  va_end(list);
  return result;
}

CSIM_INTERPOSE int fprintf(FILE* file, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int result = vfprintf(file, format, list);
  va_end(list);
  return result;
}

CSIM_INTERPOSE int vdprintf(int fd, const char* format, va_list list) {
  const bool ours = g_runtime.Active() && FileOf(fd) != nullptr;
  return ours ? Format(fd, format, list) : CSIM_REAL(vdprintf)(fd, format, list);
}

CSIM_INTERPOSE int dprintf(int fd, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int result = vdprintf(fd, format, list);
  va_end(list);
  return result;
}

CSIM_INTERPOSE int fputs(const char* text, FILE* file) {
  const int s = CapturedStream(file);
  if (s == 0) return CSIM_REAL(fputs)(text, file);
  return WriteAll(s, text, strlen(text)) ? 1 : EOF;
}

CSIM_INTERPOSE int fputs_unlocked(const char* text, FILE* file) { return fputs(text, file); }

CSIM_INTERPOSE int puts(const char* text) {
  if (CapturedStream(stdout) == 0) return CSIM_REAL(puts)(text);
  const size_t size = strlen(text);
  auto* line = static_cast<char*>(malloc(size + 1));
  memcpy(line, text, size);
  line[size] = '\n';
  const bool written = WriteAll(1, line, size + 1);
  free(line);
  return written ? 1 : EOF;
}

CSIM_INTERPOSE int fputc(int c, FILE* file) {
  const int s = CapturedStream(file);
  return s != 0 ? PutCharacter(s, c) : CSIM_REAL(fputc)(c, file);
}

#undef putc
#undef putchar
CSIM_INTERPOSE int putc(int c, FILE* file) { return fputc(c, file); }
CSIM_INTERPOSE int putchar(int c) { return fputc(c, stdout); }
CSIM_INTERPOSE int putc_unlocked(int c, FILE* file) { return fputc(c, file); }
CSIM_INTERPOSE int putchar_unlocked(int c) { return fputc(c, stdout); }
CSIM_INTERPOSE int fputc_unlocked(int c, FILE* file) { return fputc(c, file); }

CSIM_INTERPOSE size_t fwrite(const void* data, size_t size, size_t count, FILE* file) {
  const int s = CapturedStream(file);
  if (s == 0) return CSIM_REAL(fwrite)(data, size, count, file);
  return WriteAll(s, static_cast<const char*>(data), size * count) ? count : 0;
}

CSIM_INTERPOSE size_t fwrite_unlocked(const void* data, size_t size, size_t count, FILE* file) {
  return fwrite(data, size, count, file);
}

CSIM_INTERPOSE void perror(const char* prefix) {
  if (CapturedStream(stderr) == 0) return CSIM_REAL(perror)(prefix);
  const char* text = strerror(errno);
  if (prefix != nullptr && *prefix != 0) {
    fprintf(stderr, "%s: %s\n", prefix, text);
  } else {
    fprintf(stderr, "%s\n", text);
  }
}
