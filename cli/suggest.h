// What somebody meant who wrote something that csim does not know.
#ifndef CSIM_CLI_SUGGEST_H_
#define CSIM_CLI_SUGGEST_H_

#include <string>
#include <vector>

namespace csim {

// The known word that is most like `word`: a few letters differ, or a part between dashes of one begins like
// one of the other ("--max-executions", "--executions"). Empty if none is like it.
std::string MostAlike(const std::string& word, const std::vector<std::string>& known);

}  // namespace csim

#endif  // CSIM_CLI_SUGGEST_H_
