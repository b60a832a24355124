#include "cli/commands.h"

namespace csim {
int InstrumentCommand(const Words&) { return UsageError("pending"); }
}  // namespace csim
