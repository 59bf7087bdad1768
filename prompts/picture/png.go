package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	scale   = 2
	sideMax = 4000 // pixels of a side; what does not fit is left out, with a note
)

// PNG is a drawing as a PNG file, at twice the size for sharp text, no side longer than 4,000 pixels: of a bigger
// flow it shows the upper left part and says so. The error is Internal.
func PNG(d prompts.Drawing) ([]byte, error) {
	l := lay(d)
	most := float64(sideMax / scale)
	cut := l.w > most || l.h > most
	if cut && l.h < most-40 {
		l.h += 30
	}
	w, h := int(math.Ceil(min(l.w, most)*scale)), int(math.Ceil(min(l.h, most)*scale))
	c := canvas{img: image.NewRGBA(image.Rect(0, 0, w, h)), faces: map[face]font.Face{}}
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	for _, s := range l.shapes {
		if err := c.shape(s); err != nil {
			return nil, engine.AsError(err).WithOp("picture.png")
		}
	}
	if cut {
		if err := c.note(prompts.T(prompts.Lang(d.Lang), "This flow is bigger than the picture: the rest is left out here.", nil)); err != nil {
			return nil, engine.AsError(err).WithOp("picture.png")
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, c.img); err != nil {
		return nil, engine.AsError(err).WithOp("picture.png")
	}
	return b.Bytes(), nil
}

var (
	ground = color.RGBA{255, 255, 255, 255}
	ink    = color.RGBA{28, 35, 32, 255}
	soft   = color.RGBA{91, 102, 97, 255}
	faint  = color.RGBA{178, 188, 183, 255}
	tint   = color.RGBA{238, 243, 240, 255}
	warn   = color.RGBA{138, 90, 0, 255}
	bad    = color.RGBA{165, 39, 27, 255}
	good   = color.RGBA{36, 112, 74, 255}
	accent = color.RGBA{36, 96, 79, 255}
)

// colours are a shape's line and fill by its classes; the same meaning as in the page's style sheet.
func colours(class string) (line, fill color.RGBA, filled bool) {
	has := func(c string) bool { return strings.Contains(" "+class+" ", " "+c+" ") }
	line = ink
	switch {
	case has("state-failed"):
		line = bad
	case has("state-unknown"), has("state-waiting"), has("state-running"), has("risky"), has("risk"):
		line = warn
	case has("state-done"):
		line = good
	case has("gate"), has("gated"), has("kind-ask"):
		line = accent
	case has("kind"), has("detail"), has("edge"), has("pill"), has("state"):
		line = soft
	case has("frame"), has("box"):
		line = faint
	}
	switch {
	case has("pill"):
		return faint, ground, true
	case has("kind-trigger"):
		return line, tint, true
	case has("box"):
		return line, ground, true
	}
	return line, fill, false
}

type canvas struct {
	img   *image.RGBA
	faces map[face]font.Face
}

func (c *canvas) face(f face) (font.Face, error) {
	if have := c.faces[f]; have != nil {
		return have, nil
	}
	parsed, err := fonts()
	if err != nil {
		return nil, err
	}
	made, err := opentype.NewFace(parsed[f], &opentype.FaceOptions{Size: faceSizes[f] * scale, DPI: 72, Hinting: font.HintingNone})
	if err == nil {
		c.faces[f] = made
	}
	return made, err
}

func (c *canvas) shape(s shape) error {
	line, fill, filled := colours(s.class)
	switch s.kind {
	case shapeBox, shapeFrame:
		corner := outline(s)
		if filled {
			c.polygon(fill, corner...)
		}
		c.stroke(line, s.dashed, append(corner, corner[0])...)
	case shapeLine:
		c.stroke(line, s.dashed, s.points...)
		if head := arrowHead(s); head != nil {
			c.polygon(line, head...)
		}
	case shapeRisk:
		c.polygon(line, point{s.x + s.w/2, s.y}, point{s.x + s.w, s.y + s.h}, point{s.x, s.y + s.h})
	case shapeText:
		return c.text(line, s.text, s.font, s.x, s.y)
	}
	return nil
}

func (c *canvas) text(col color.RGBA, text string, f face, x, y float64) error {
	fc, err := c.face(f)
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(col), Face: fc,
		Dot: fixed.Point26_6{X: fixed.Int26_6(x * scale * 64), Y: fixed.Int26_6(y * scale * 64)}}
	d.DrawString(text)
	return nil
}

// note is a strip along the lower side.
func (c *canvas) note(text string) error {
	b := c.img.Bounds()
	top := float64(b.Dy())/scale - 28
	c.polygon(tint, point{0, top}, point{float64(b.Dx()) / scale, top}, point{float64(b.Dx()) / scale, top + 28}, point{0, top + 28})
	return c.text(ink, fitted(text, normal, float64(b.Dx())/scale-2*margin), normal, margin, top+19)
}

// outline is a rectangle with round corners, as points.
func outline(s shape) []point {
	r := min(8, s.w/2, s.h/2)
	var out []point
	for quarter, at := range []point{{s.x + s.w - r, s.y + r}, {s.x + s.w - r, s.y + s.h - r}, {s.x + r, s.y + s.h - r}, {s.x + r, s.y + r}} {
		for i := range 7 {
			a := (float64(quarter) - 1 + float64(i)/6) * math.Pi / 2
			out = append(out, point{at.x + r*math.Cos(a), at.y + r*math.Sin(a)})
		}
	}
	return out
}

// polygon fills; the rasterizer is no bigger than the polygon.
func (c *canvas) polygon(col color.RGBA, points ...point) {
	box := image.Rectangle{Min: image.Pt(math.MaxInt32, math.MaxInt32), Max: image.Pt(math.MinInt32, math.MinInt32)}
	for _, p := range points {
		x, y := p.x*scale, p.y*scale
		box.Min.X, box.Min.Y = min(box.Min.X, int(math.Floor(x))), min(box.Min.Y, int(math.Floor(y)))
		box.Max.X, box.Max.Y = max(box.Max.X, int(math.Ceil(x))+1), max(box.Max.Y, int(math.Ceil(y))+1)
	}
	box = box.Intersect(c.img.Bounds())
	if box.Empty() {
		return
	}
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	for i, p := range points {
		x, y := float32(p.x*scale)-float32(box.Min.X), float32(p.y*scale)-float32(box.Min.Y)
		if i == 0 {
			z.MoveTo(x, y)
		} else {
			z.LineTo(x, y)
		}
	}
	z.ClosePath()
	z.Draw(c.img, box, image.NewUniform(col), image.Point{})
}

// stroke draws lines one and a half pixels wide.
func (c *canvas) stroke(col color.RGBA, dashed bool, points ...point) {
	const half = 0.65
	left, on := 5.0, true
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		long := math.Hypot(b.x-a.x, b.y-a.y)
		if long == 0 {
			continue
		}
		ux, uy := (b.x-a.x)/long, (b.y-a.y)/long
		for at := 0.0; at < long; {
			step := long - at
			if dashed {
				step = min(step, left)
			}
			if on {
				p, q := point{a.x + ux*at, a.y + uy*at}, point{a.x + ux*(at+step), a.y + uy*(at+step)}
				c.polygon(col, point{p.x - uy*half, p.y + ux*half}, point{q.x - uy*half, q.y + ux*half}, point{q.x + uy*half, q.y - ux*half}, point{p.x + uy*half, p.y - ux*half})
			}
			at += step
			if left -= step; dashed && left <= 0 {
				on = !on
				left = 5
				if !on {
					left = 4
				}
			}
		}
	}
}
