// The start of a program under csim (zygote.cc).
#ifndef CSIM_SIM_RUNTIME_ZYGOTE_H_
#define CSIM_SIM_RUNTIME_ZYGOTE_H_

namespace csim {

// Makes the calling thread, the process's first, a body of tasks whose frames begin at `stack_base`.
void PrepareMainThread(char* stack_base);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_ZYGOTE_H_
