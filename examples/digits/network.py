"""The network in plain numpy: forward and backward pass, and Adam.

data [N,1,8,8] -> conv1 3x3 -> batch normalisation -> ReLU -> conv2 3x3 -> ReLU -> max pool 2x2 -> inner product -> softmax.
All arrays are float32 in NCHW order.
"""

import numpy as np

CLASSES = 10
SIDE = 8
CONV1_CHANNELS = 16
CONV2_CHANNELS = 40
POOLED = CONV2_CHANNELS * (SIDE // 2) ** 2
EPSILON = np.float32(1e-5)
MOVING_AVERAGE_FRACTION = 0.999
CHANNEL = (1, -1, 1, 1)


def make_parameters(random):
    """Trained arrays by name; weights are normal with variance 2 / fan-in, conv1 has no bias because the normalisation has one."""
    def weight(*shape):
        fan_in = np.prod(shape[1:])
        return (random.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(np.float32)

    def filled(value, size):
        return np.full(size, value, np.float32)

    return {
        "conv1_weight": weight(CONV1_CHANNELS, 1, 3, 3),
        "bn1_scale": filled(1, CONV1_CHANNELS),
        "bn1_bias": filled(0, CONV1_CHANNELS),
        "conv2_weight": weight(CONV2_CHANNELS, CONV1_CHANNELS, 3, 3),
        "conv2_bias": filled(0, CONV2_CHANNELS),
        "ip1_weight": weight(CLASSES, POOLED),
        "ip1_bias": filled(0, CLASSES),
    }


class Statistics:
    """Moving sums of a normalisation, kept as Caffe's BatchNorm layer keeps them: mean and variance are sums / factor."""

    def __init__(self, channels):
        self.mean_sum = np.zeros(channels)
        self.variance_sum = np.zeros(channels)
        self.factor = 0.0

    def add(self, mean, variance, count):
        self.factor = self.factor * MOVING_AVERAGE_FRACTION + 1
        self.mean_sum = self.mean_sum * MOVING_AVERAGE_FRACTION + mean
        self.variance_sum = self.variance_sum * MOVING_AVERAGE_FRACTION + variance * (count / (count - 1))

    def mean(self):
        return (self.mean_sum / self.factor).astype(np.float32)

    def variance(self):
        return (self.variance_sum / self.factor).astype(np.float32)


def columns(x):
    """[N,C,H,W] -> [N*H*W, C*9]: each row is the 3x3 neighbourhood of one pixel, zero beyond the border."""
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * 9)


def from_columns(gradient, shape):
    """The transpose of `columns`: adds each row back to the pixels that it was taken from."""
    n, c, h, w = shape
    windows = gradient.reshape(n, h, w, c, 3, 3)
    padded = np.zeros((n, c, h + 2, w + 2), gradient.dtype)
    for row in range(3):
        for column in range(3):
            padded[:, :, row:row + h, column:column + w] += windows[..., row, column].transpose(0, 3, 1, 2)
    return padded[:, :, 1:-1, 1:-1]


def rows(x):
    """[N,C,H,W] -> [N*H*W, C]."""
    return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])


def convolve(x_columns, weight, batch):
    output = x_columns @ weight.reshape(len(weight), -1).T
    return output.reshape(batch, SIDE, SIDE, len(weight)).transpose(0, 3, 1, 2)


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def probabilities(parameters, statistics, data):
    """The trained network: [N,1,8,8] -> [N,10], normalised with the moving statistics."""
    conv1 = convolve(columns(data), parameters["conv1_weight"], len(data))
    centred = conv1 - statistics.mean().reshape(CHANNEL)
    normalised = centred / np.sqrt(statistics.variance() + EPSILON).reshape(CHANNEL)
    relu1 = np.maximum(normalised * parameters["bn1_scale"].reshape(CHANNEL) + parameters["bn1_bias"].reshape(CHANNEL), 0)
    conv2 = convolve(columns(relu1), parameters["conv2_weight"], len(data)) + parameters["conv2_bias"].reshape(CHANNEL)
    pooled = quarters(np.maximum(conv2, 0)).max(axis=-1)
    return softmax(pooled.reshape(len(data), -1) @ parameters["ip1_weight"].T + parameters["ip1_bias"])


def quarters(x):
    """[N,C,H,W] -> [N,C,H/2,W/2,4]: the four pixels of each pooling window."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // 2, w // 2, 4)


def from_quarters(x):
    """The inverse of `quarters`."""
    n, c, h, w, _ = x.shape
    return x.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h * 2, w * 2)


def loss_and_gradients(parameters, statistics, data, labels):
    """Mean cross-entropy of one batch and its gradient by parameter name; adds the batch to the moving statistics."""
    batch = len(data)
    columns1 = columns(data)
    conv1 = convolve(columns1, parameters["conv1_weight"], batch)
    mean, variance = conv1.mean(axis=(0, 2, 3)), conv1.var(axis=(0, 2, 3))
    statistics.add(mean, variance, conv1.size // CONV1_CHANNELS)
    inverse_deviation = 1 / np.sqrt(variance + EPSILON)
    normalised = (conv1 - mean.reshape(CHANNEL)) * inverse_deviation.reshape(CHANNEL)
    relu1 = np.maximum(normalised * parameters["bn1_scale"].reshape(CHANNEL) + parameters["bn1_bias"].reshape(CHANNEL), 0)
    columns2 = columns(relu1)
    conv2 = convolve(columns2, parameters["conv2_weight"], batch) + parameters["conv2_bias"].reshape(CHANNEL)
    windows = quarters(np.maximum(conv2, 0))
    winners = windows.argmax(axis=-1)[..., None]
    pooled = np.take_along_axis(windows, winners, -1).reshape(batch, -1)
    outputs = softmax(pooled @ parameters["ip1_weight"].T + parameters["ip1_bias"])
    loss = -np.log(outputs[np.arange(batch), labels] + np.float32(1e-12)).mean()

    gradients = {}
    d_logits = (outputs - np.eye(CLASSES, dtype=np.float32)[labels]) / np.float32(batch)
    gradients["ip1_weight"] = d_logits.T @ pooled
    gradients["ip1_bias"] = d_logits.sum(axis=0)
    d_windows = np.zeros_like(windows)
    np.put_along_axis(d_windows, winners, (d_logits @ parameters["ip1_weight"]).reshape(winners.shape), -1)
    d_conv2 = rows(from_quarters(d_windows) * (conv2 > 0))
    gradients["conv2_weight"] = (d_conv2.T @ columns2).reshape(parameters["conv2_weight"].shape)
    gradients["conv2_bias"] = d_conv2.sum(axis=0)
    d_relu1 = from_columns(d_conv2 @ parameters["conv2_weight"].reshape(CONV2_CHANNELS, -1), relu1.shape) * (relu1 > 0)
    gradients["bn1_scale"] = (d_relu1 * normalised).sum(axis=(0, 2, 3))
    gradients["bn1_bias"] = d_relu1.sum(axis=(0, 2, 3))
    d_normalised = d_relu1 * parameters["bn1_scale"].reshape(CHANNEL)
    mean_gradient = d_normalised.mean(axis=(0, 2, 3), keepdims=True)
    mean_product = (d_normalised * normalised).mean(axis=(0, 2, 3), keepdims=True)
    d_conv1 = (d_normalised - mean_gradient - normalised * mean_product) * inverse_deviation.reshape(CHANNEL)
    gradients["conv1_weight"] = (rows(d_conv1).T @ columns1).reshape(parameters["conv1_weight"].shape)
    return loss, gradients


class Adam:
    """Kingma and Ba, arXiv:1412.6980, algorithm 1."""

    def __init__(self, parameters, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.beta1, self.beta2, self.epsilon, self.step_count = beta1, beta2, epsilon, 0
        self.first = {name: np.zeros_like(array) for name, array in parameters.items()}
        self.second = {name: np.zeros_like(array) for name, array in parameters.items()}

    def step(self, parameters, gradients, rate):
        """Changes the parameters in place."""
        self.step_count += 1
        rate *= np.sqrt(1 - self.beta2 ** self.step_count) / (1 - self.beta1 ** self.step_count)
        for name, gradient in gradients.items():
            self.first[name] += np.float32(1 - self.beta1) * (gradient - self.first[name])
            self.second[name] += np.float32(1 - self.beta2) * (gradient * gradient - self.second[name])
            parameters[name] -= np.float32(rate) * self.first[name] / (np.sqrt(self.second[name]) + np.float32(self.epsilon))
