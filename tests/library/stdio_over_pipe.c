/* libc's streams on a pipe: fdopen, fprintf, fgets, getline, fclose; and standard input from a pipe.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "1: first line\n2: second\nnumber 7\n"
 */
#define _GNU_SOURCE
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int ends[2];

static void* Write(void* unused) {
  FILE* out = fdopen(ends[1], "w");
  fprintf(out, "first %s\n", "line");
  fflush(out);
  fputs("second\n", out);
  fclose(out);
  return unused;
}

int main(void) {
  pthread_t writer;
  char* line = NULL;
  size_t size = 0;
  int number = 0;
  assert(pipe(ends) == 0);
  pthread_create(&writer, NULL, Write, NULL);
  FILE* in = fdopen(ends[0], "r");
  assert(fileno(in) == ends[0]);
  while (getline(&line, &size, in) > 0) printf("%d: %s", ++number, line);
  assert(feof(in));
  free(line);
  fclose(in);
  pthread_join(writer, NULL);
  assert(pipe(ends) == 0);
  assert(dup2(ends[0], 0) == 0);
  assert(dprintf(ends[1], "7\n") == 2);
  close(ends[1]);
  assert(scanf("%d", &number) == 1);
  printf("number %d\n", number);
  return 0;
}
