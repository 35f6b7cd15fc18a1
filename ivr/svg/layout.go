package svg

import "sort"

// layOut orders every layer so that lines cross little, and places the vertices.
func (c *chart) layOut() {
	best := c.snapshot()
	fewest := c.crossings()
	for round := range 24 {
		c.sweep(round%2 == 0)
		if n := c.crossings(); n < fewest {
			fewest, best = n, c.snapshot()
		}
	}
	c.layers = best
	c.placeRows()
	c.pack()
	for round := range 40 {
		c.relax(round%2 == 0)
	}
	c.fit()
}

func (c *chart) snapshot() [][]*vertex {
	layers := make([][]*vertex, len(c.layers))
	for i, l := range c.layers {
		layers[i] = append([]*vertex(nil), l...)
	}
	return layers
}

// sweep orders each layer by the middle of its neighbours in the layer before,
// downwards or upwards.
func (c *chart) sweep(down bool) {
	for k := range c.layers {
		layer := c.layers[k]
		if !down {
			layer = c.layers[len(c.layers)-1-k]
		}
		place := c.places()
		middle := map[*vertex]float64{}
		for i, v := range layer {
			neighbours := v.up
			if !down {
				neighbours = v.down
			}
			middle[v] = float64(i)
			if len(neighbours) > 0 {
				sum := 0.0
				for _, n := range neighbours {
					sum += float64(place[n])
				}
				middle[v] = sum / float64(len(neighbours))
			}
		}
		sort.SliceStable(layer, func(i, j int) bool { return middle[layer[i]] < middle[layer[j]] })
	}
}

// places numbers the vertices within their layers.
func (c *chart) places() map[*vertex]int {
	place := map[*vertex]int{}
	for _, layer := range c.layers {
		for i, v := range layer {
			place[v] = i
		}
	}
	return place
}

// crossings counts the pairs of lines that cross.
func (c *chart) crossings() int {
	place := c.places()
	n := 0
	for _, layer := range c.layers {
		for i, a := range layer {
			for _, b := range layer[i+1:] {
				for _, x := range a.down {
					for _, y := range b.down {
						if place[x] > place[y] {
							n++
						}
					}
				}
			}
		}
	}
	return n
}

// placeRows gives every layer its height.
func (c *chart) placeRows() {
	y := margin + band
	for _, layer := range c.layers {
		tallest := 0.0
		for _, v := range layer {
			tallest = max(tallest, v.h)
		}
		for _, v := range layer {
			v.y = y + tallest/2
		}
		y += tallest + gapY
	}
	c.h = y - gapY + margin
}

// pack sets every layer side by side from the left.
func (c *chart) pack() {
	for _, layer := range c.layers {
		x := 0.0
		for _, v := range layer {
			v.x = x + v.w/2
			x += v.w + gapX
		}
	}
}

// relax moves the vertices of each layer as near as their order and widths allow to
// the middle of their neighbours.
func (c *chart) relax(down bool) {
	for k := range c.layers {
		layer := c.layers[k]
		if !down {
			layer = c.layers[len(c.layers)-1-k]
		}
		wish := make([]float64, len(layer))
		for i, v := range layer {
			wish[i] = v.x
			neighbours := v.up
			if !down || len(neighbours) == 0 {
				neighbours = append(append([]*vertex(nil), v.up...), v.down...)
			}
			if len(neighbours) > 0 {
				sum := 0.0
				for _, n := range neighbours {
					sum += n.x
				}
				wish[i] = sum / float64(len(neighbours))
			}
		}
		settle(layer, wish)
	}
}

// settle gives each vertex the place nearest to its wish, in the least squares sense,
// that keeps the order and the gaps: wishes that collide are averaged (pool adjacent
// violators).
func settle(layer []*vertex, wish []float64) {
	type block struct {
		sum  float64
		size int
	}
	offset := make([]float64, len(layer)) // each vertex's distance from the first
	var blocks []block
	for i := range layer {
		if i > 0 {
			offset[i] = offset[i-1] + layer[i-1].w/2 + gapX + layer[i].w/2
		}
		blocks = append(blocks, block{wish[i] - offset[i], 1})
		for len(blocks) > 1 {
			a, b := blocks[len(blocks)-2], blocks[len(blocks)-1]
			if a.sum/float64(a.size) <= b.sum/float64(b.size) {
				break
			}
			blocks = append(blocks[:len(blocks)-2], block{a.sum + b.sum, a.size + b.size})
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.size {
			layer[i].x = b.sum/float64(b.size) + offset[i]
			i++
		}
	}
}

// fit moves the drawing to the margins and finds its width.
func (c *chart) fit() {
	left, right := 0.0, 0.0
	first := true
	for _, layer := range c.layers {
		for _, v := range layer {
			if first || v.x-v.w/2 < left {
				left = v.x - v.w/2
			}
			if first || v.x+v.w/2 > right {
				right = v.x + v.w/2
			}
			first = false
		}
	}
	for _, layer := range c.layers {
		for _, v := range layer {
			v.x += margin - left
		}
	}
	c.w = max(right-left+2*margin, 640)
	if spare := c.w - (right - left + 2*margin); spare > 0 {
		for _, layer := range c.layers {
			for _, v := range layer {
				v.x += spare / 2
			}
		}
	}
}
