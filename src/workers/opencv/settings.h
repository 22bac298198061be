// From settings and a device to what OpenCV calls threads, backend and target.
#pragma once

#include <map>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

namespace ponte::worker {

// The devices that this build of OpenCV has.
std::vector<std::string> available_devices();

// Applies them to the process and the network; returns what is in force. Throws Refusal.
std::map<std::string, std::string> apply_settings(
    cv::dnn::Net& network, const std::map<std::string, std::string>& settings,
    const std::string& device);

}  // namespace ponte::worker
