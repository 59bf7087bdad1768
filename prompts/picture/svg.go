package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/prompts"
)

const narrowMost = 440

// SVG is a drawing as an SVG element for a web page. Its name and its description are Alt's words. Colours come from
// the page's classes, in their absence from the colour of the text around it; there is no style in it, no script, no
// link, and every text is escaped.
func SVG(d prompts.Drawing) []byte {
	l := lay(d)
	alt := Alt(d)
	sum := sha256.Sum256([]byte(alt))
	id := "pic-" + hex.EncodeToString(sum[:6])
	narrow := "" // may shrink to a phone's width and still be read
	if l.w <= narrowMost {
		narrow = " narrow"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="flow-picture%s" role="img" aria-labelledby="%s-t %s-d" width="%s" height="%s" viewBox="0 0 %s %s" font-family="system-ui, sans-serif" fill="none" stroke="none">`,
		narrow, id, id, num(l.w), num(l.h), num(l.w), num(l.h))
	fmt.Fprintf(&b, "\n<title id=\"%s-t\">%s</title>\n<desc id=\"%s-d\">%s</desc>\n", id, esc(d.Title), id, esc(alt))
	for _, s := range l.shapes {
		svgShape(&b, s)
	}
	b.WriteString("</svg>")
	return b.Bytes()
}

func svgShape(b *bytes.Buffer, s shape) {
	dash := ""
	if s.dashed {
		dash = ` stroke-dasharray="5 4"`
	}
	switch s.kind {
	case shapeBox, shapeFrame:
		round := "8"
		if s.kind == shapeFrame {
			round = "12"
		}
		fmt.Fprintf(b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s" stroke="currentColor"%s`, esc(s.class), num(s.x), num(s.y), num(s.w), num(s.h), round, dash)
		if s.title != "" {
			fmt.Fprintf(b, "><title>%s</title></rect>\n", esc(s.title))
			return
		}
		b.WriteString("/>\n")
	case shapeLine:
		var points []string
		for _, p := range s.points {
			points = append(points, num(p.x)+","+num(p.y))
		}
		fmt.Fprintf(b, `<polyline class="%s" points="%s" stroke="currentColor"%s/>`+"\n", esc(s.class), strings.Join(points, " "), dash)
		if head := arrowHead(s); head != nil {
			fmt.Fprintf(b, `<path class="%s head" d="M%s,%sL%s,%sL%s,%sZ" fill="currentColor"/>`+"\n", esc(s.class),
				num(head[0].x), num(head[0].y), num(head[1].x), num(head[1].y), num(head[2].x), num(head[2].y))
		}
	case shapeRisk:
		fmt.Fprintf(b, `<path class="%s" d="M%s,%sL%s,%sL%s,%sZ" fill="currentColor"/>`+"\n", esc(s.class),
			num(s.x+s.w/2), num(s.y), num(s.x+s.w), num(s.y+s.h), num(s.x), num(s.y+s.h))
	case shapeText:
		weight := ""
		if s.font == strong {
			weight = ` font-weight="600"`
		}
		fmt.Fprintf(b, `<text class="%s" x="%s" y="%s" font-size="%s"%s fill="currentColor">%s</text>`+"\n", esc(s.class), num(s.x), num(s.y), num(faceSizes[s.font]), weight, esc(s.text))
	}
}

// arrowHead is the triangle at the end of a line; nil without one.
func arrowHead(s shape) []point {
	n := len(s.points)
	if !s.arrow || n < 2 {
		return nil
	}
	to, from := s.points[n-1], s.points[n-2]
	const long, half = 7.0, 3.5
	switch {
	case to.y > from.y:
		return []point{to, {to.x - half, to.y - long}, {to.x + half, to.y - long}}
	case to.x > from.x:
		return []point{to, {to.x - long, to.y - half}, {to.x - long, to.y + half}}
	}
	return nil
}

func num(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 1, 64), "0"), ".")
}

// esc is text for XML: nothing hidden in it, and no character that XML forbids.
func esc(s string) string { return html.EscapeString(prompts.Clean(s)) }
