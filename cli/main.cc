// The csim command.
#include "cli/commands.h"

int main(int argc, char** argv) { return csim::RunCommand(argc, argv); }
