// The checksums of HDF5: Jenkins' lookup3 of metadata, and Fletcher's of chunks.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace keras::support::hdf5 {

// Whether a wrong checksum is an error. Tests on damaged files switch it off, to come to what lies behind.
inline std::atomic<bool> checksums_matter = true;

std::uint32_t lookup3(std::string_view bytes);     // "hashlittle", from 0
std::uint32_t fletcher32(std::string_view bytes);  // of 16-bit words, high byte first

}  // namespace keras::support::hdf5
