// Text made safe to print: for a shell, and with escapes.
#ifndef CSIM_REPORT_QUOTED_H_
#define CSIM_REPORT_QUOTED_H_

#include <string>

namespace csim {

// As one word of a POSIX shell.
std::string ShellQuoted(const std::string& text);
// In double quotes with C's escapes, cut after `limit` characters.
std::string CQuoted(const std::string& text, size_t limit);

}  // namespace csim

#endif  // CSIM_REPORT_QUOTED_H_
