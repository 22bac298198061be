// The steps between the opset versions, by family: each function says one change of the
// specification's changelog (onnx/docs/Changelog.md).
#pragma once

#include "formats/onnx/opsets.h"

namespace ponte::onnx {

// axes: an attribute before, an input from `version` on (Squeeze, Unsqueeze, ReduceSum 13; the
// other reductions 18).
void axes_to_input(UpDraft& draft);
void axes_to_attribute(DownDraft& draft);

// Integer lists that were attributes and are inputs 1, 2, ... (Slice 10: starts, ends, axes;
// Reshape 5: shape).
void slice_attributes_to_inputs(UpDraft& draft);
void slice_inputs_to_attributes(DownDraft& draft);
void shape_to_input(UpDraft& draft);

// Before 11 an axis was no negative number.
void count_axis_from_front(DownDraft& draft);

// Pad 2 renamed paddings; 11 made pads and value inputs; 19 brought the mode wrap.
void rename_paddings(UpDraft& draft);
void pads_to_input(UpDraft& draft);
void pads_to_attribute(DownDraft& draft);
void refuse_wrap(DownDraft& draft);

// Split 2 made the sizes an attribute, 13 an input again; 18 brought num_outputs.
void refuse_split_input(UpDraft& draft);
void split_to_input(UpDraft& draft);
void split_to_attribute(DownDraft& draft);
void count_split_outputs(UpDraft& draft);
void drop_split_count(DownDraft& draft);

// Clip 11 made min and max inputs.
void clip_to_inputs(UpDraft& draft);
void clip_to_attributes(DownDraft& draft);

// TopK 10 made k an input.
void k_to_input(UpDraft& draft);
void k_to_attribute(DownDraft& draft);

// Dropout 10 made the mask a bool, 12 ratio and training_mode inputs.
void drop_number_mask(UpDraft& draft);
void ratio_to_input(UpDraft& draft);
void ratio_to_attribute(DownDraft& draft);

// BatchNormalization 14 named the training mode, which the number of outputs had told; 9 took away
// `spatial`.
void refuse_training_outputs(UpDraft& draft);
void require_spatial(UpDraft& draft);

// Opset 6 took away hints about memory (consumed_inputs), 7 is_test and output_sequence.
void drop_memory_hints(UpDraft& draft);
void drop_mode_hints(UpDraft& draft);

// Opset 7 replaced the attributes broadcast and axis by multidirectional broadcasting.
void legacy_broadcast(UpDraft& draft);
void slope_per_channel(UpDraft& draft);

// Max, Min and Sum broadcast from 8 on.
void require_same_shapes(DownDraft& draft);

// Cast 6 names the dtype by number, not by its name.
void dtype_by_number(UpDraft& draft);

// Scan 8 ran over a batch axis and sequence lengths, which 9 took away.
void refuse_batched_scan(UpDraft& draft);
void refuse_unbatched_scan(DownDraft& draft);

// Tile 1 repeated along one axis.
void refuse_tiles(UpDraft& draft);

// QuantizeLinear and DequantizeLinear have a scale for each channel from 13 on.
void require_one_scale(DownDraft& draft);

// The reductions max and min of ScatterElements and ScatterND came with 18.
void refuse_extremes(DownDraft& draft);

// Mod rounds quotients of floats down, with fmod = 0, from 28 on.
void require_whole_numbers(DownDraft& draft);

// Resize 10 took scales alone, sampled from the corner, and went to the element before when it
// grows and to the one behind when it shrinks; 13 took away the coordinates tf_half_pixel_for_nn
// and made roi and scales optional; 19 brought half_pixel_symmetric.
void resize_from_corner(UpDraft& draft);
void resize_by_scales(DownDraft& draft);
void half_pixels_for_nearest(UpDraft& draft);
void require_roi_and_scales(DownDraft& draft);
void refuse_symmetric(DownDraft& draft);

// Concat 4 requires the axis, which was 1 by default.
void default_axis_one(UpDraft& draft);

// Before 13, Softmax and its kin flattened the input to two dims at `axis`, which was 1 by default.
void flattened_softmax(UpDraft& draft);
void require_last_axis(DownDraft& draft);

}  // namespace ponte::onnx
