//go:build !amd64

package encoder

func roundRow(q []int16, x []float32, steps float32) float32 { return roundRowPortable(q, x, steps) }

func softmax(x []float32, n int, by float32) { softmaxPortable(x[:n], by) }

func gelu(x []float32) { geluPortable(x) }

func (l *layerNorm) addRow(x, y []float32) { l.addRowPortable(x, y) }
