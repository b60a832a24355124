// The start of a program under csim (zygote.cc).
#ifndef CSIM_SIM_RUNTIME_ZYGOTE_H_
#define CSIM_SIM_RUNTIME_ZYGOTE_H_

namespace csim {

// Makes the calling thread, the process's first, a body of tasks whose frames begin at `stack_base`.
void PrepareMainThread(char* stack_base);

// Makes the heap and shadow memory of this process what the configuration asks for.
void PrepareMemory();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_ZYGOTE_H_
