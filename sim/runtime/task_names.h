// The name of the running task, as PR_SET_NAME and PR_GET_NAME know it: 16 bytes with the zero.
#ifndef CSIM_SIM_RUNTIME_TASK_NAMES_H_
#define CSIM_SIM_RUNTIME_TASK_NAMES_H_

namespace csim {

void GetOwnName(char* name);
void SetOwnName(const char* name);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_TASK_NAMES_H_
