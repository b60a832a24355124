/* What a program under test may say to csim. Everything works without csim too: a program that uses
 * this header compiles and runs natively as it is. */
#ifndef CSIM_CSIM_H_
#define CSIM_CSIM_H_

#ifdef __cplusplus
extern "C" {
#endif
unsigned csim_choose(unsigned n) __attribute__((weak));
void csim_assume(int condition) __attribute__((weak));
void csim_note(const char* text) __attribute__((weak));
#ifdef __cplusplus
}

namespace csim {

/* A number below n; csim tries every one of them. Natively: 0. */
inline unsigned choose(unsigned n) { return csim_choose ? csim_choose(n) : 0; }

/* Executions in which the condition does not hold are of no interest: they end here, without a
 * finding. Natively: nothing. */
inline void assume(bool condition) {
  if (csim_assume) csim_assume(condition);
}

/* A line of text that appears in the trace, at this step of this task. Natively: nothing. */
inline void note(const char* text) {
  if (csim_note) csim_note(text);
}

}  // namespace csim
#endif

#endif /* CSIM_CSIM_H_ */
