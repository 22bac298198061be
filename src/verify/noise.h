// Normal numbers for many elements at once, the same for the same seed on every machine.
#pragma once

#include <cstdint>
#include <span>

#include "ops/evaluation.h"

namespace ponte::verify {

// Adds factor * sigma * a normal number to each finite element of an array of doubles.
void add_noise(std::span<const double> sigmas, double factor, std::uint64_t seed,
               ops::Services& services, ops::Array& array);

}  // namespace ponte::verify
