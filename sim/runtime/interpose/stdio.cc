// Output: what the program writes to stdout and stderr is captured, each call a scheduling point.
// Other streams and descriptors are libc's.
#undef __OPTIMIZE__  // with it, the headers define some of these functions inline
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "sim/runtime/interpose/common.h"
#include "sim/runtime/output.h"

using namespace csim;

namespace {

// 1 or 2 if the stream is captured, else 0.
int CapturedStream(FILE* file) {
  if (!g_runtime.Active()) return 0;
  if (file == stdout) return 1;
  return file == stderr ? 2 : 0;
}

int CapturedDescriptor(int fd) { return g_runtime.Active() && (fd == 1 || fd == 2) ? fd : 0; }

int Format(int stream, const char* format, va_list list) {
  char small[1024];
  va_list again;
  va_copy(again, list);
  const int size = vsnprintf(small, sizeof small, format, list);
  if (size < 0) return size;
  if (static_cast<size_t>(size) < sizeof small) {
    va_end(again);
    WriteOutput(stream, small, static_cast<size_t>(size));
    return size;
  }
  auto* large = static_cast<char*>(malloc(static_cast<size_t>(size) + 1));
  vsnprintf(large, static_cast<size_t>(size) + 1, format, again);
  va_end(again);
  WriteOutput(stream, large, static_cast<size_t>(size));
  free(large);
  return size;
}

int PutCharacter(int stream, int c) {
  const char byte = static_cast<char>(c);
  WriteOutput(stream, &byte, 1);
  return static_cast<unsigned char>(c);
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

CSIM_INTERPOSE int dprintf(int fd, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int s = CapturedDescriptor(fd);
  const int result = s != 0 ? Format(s, format, list) : vdprintf(fd, format, list);
  va_end(list);
  return result;
}

CSIM_INTERPOSE int fputs(const char* text, FILE* file) {
  const int s = CapturedStream(file);
  if (s == 0) return CSIM_REAL(fputs)(text, file);
  WriteOutput(s, text, strlen(text));
  return 1;
}

CSIM_INTERPOSE int fputs_unlocked(const char* text, FILE* file) { return fputs(text, file); }

CSIM_INTERPOSE int puts(const char* text) {
  if (CapturedStream(stdout) == 0) return CSIM_REAL(puts)(text);
  const size_t size = strlen(text);
  auto* line = static_cast<char*>(malloc(size + 1));
  memcpy(line, text, size);
  line[size] = '\n';
  WriteOutput(1, line, size + 1);
  free(line);
  return 1;
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
  WriteOutput(s, static_cast<const char*>(data), size * count);
  return count;
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

CSIM_INTERPOSE ssize_t write(int fd, const void* data, size_t size) {
  const int s = CapturedDescriptor(fd);
  if (s == 0) return CSIM_REAL(write)(fd, data, size);
  WriteOutput(s, static_cast<const char*>(data), size);
  return static_cast<ssize_t>(size);
}

CSIM_INTERPOSE ssize_t writev(int fd, const iovec* parts, int count) {
  const int s = CapturedDescriptor(fd);
  if (s == 0) return CSIM_REAL(writev)(fd, parts, count);
  size_t size = 0;
  for (int i = 0; i < count; ++i) size += parts[i].iov_len;
  auto* all = static_cast<char*>(malloc(size + 1));
  size_t at = 0;
  for (int i = 0; i < count; at += parts[i].iov_len, ++i) {
    memcpy(all + at, parts[i].iov_base, parts[i].iov_len);
  }
  WriteOutput(s, all, size);
  free(all);
  return static_cast<ssize_t>(size);
}
