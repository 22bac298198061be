// Names the node of a subject that went wrong.
#pragma once

#include "verify/verify.h"

namespace ponte::verify {

// Runs the subject again so that it shows its intermediate values, judges every node on them and
// gives the first that fails. None, with the reason in `why`, when every node is right or the
// values can't be had.
std::optional<Culprit> find_culprit(const VerifySubject& subject, const Inputs& inputs,
                                    const std::filesystem::path& scratch,
                                    const VerifyOptions& options, std::string& why);

}  // namespace ponte::verify
