package prompts

import (
	"encoding/json"
	"fmt"
)

// storedCard is a Card in JSON: blocks carry their kind, as an interface cannot be read back without it.
type storedCard struct {
	cardFields
	Blocks []storedBlock
}

// cardFields has Card's fields without its methods.
type cardFields Card

type storedBlock struct {
	Para    *Para    `json:"para,omitempty"`
	Facts   *Facts   `json:"facts,omitempty"`
	Pre     *Pre     `json:"pre,omitempty"`
	Note    *Note    `json:"note,omitempty"`
	Divider *Divider `json:"divider,omitempty"`
	Picture *Picture `json:"picture,omitempty"`
}

// MarshalJSON writes a card so that UnmarshalJSON gives the same card: how stores and the console keep it.
func (c Card) MarshalJSON() ([]byte, error) {
	s := storedCard{cardFields: cardFields(c), Blocks: make([]storedBlock, 0, len(c.Blocks))}
	for _, b := range c.Blocks {
		switch b := b.(type) {
		case Para:
			s.Blocks = append(s.Blocks, storedBlock{Para: &b})
		case Facts:
			s.Blocks = append(s.Blocks, storedBlock{Facts: &b})
		case Pre:
			s.Blocks = append(s.Blocks, storedBlock{Pre: &b})
		case Note:
			s.Blocks = append(s.Blocks, storedBlock{Note: &b})
		case Divider:
			s.Blocks = append(s.Blocks, storedBlock{Divider: &b})
		case Picture:
			s.Blocks = append(s.Blocks, storedBlock{Picture: &b})
		default:
			return nil, fmt.Errorf("a block of type %T cannot be stored", b)
		}
	}
	return json.Marshal(s)
}

// UnmarshalJSON reads what MarshalJSON wrote. Blocks of a kind that this version does not know are left out.
func (c *Card) UnmarshalJSON(data []byte) error {
	var s storedCard
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*c = Card(s.cardFields)
	c.Blocks = nil
	for _, b := range s.Blocks {
		switch {
		case b.Para != nil:
			c.Blocks = append(c.Blocks, *b.Para)
		case b.Facts != nil:
			c.Blocks = append(c.Blocks, *b.Facts)
		case b.Pre != nil:
			c.Blocks = append(c.Blocks, *b.Pre)
		case b.Note != nil:
			c.Blocks = append(c.Blocks, *b.Note)
		case b.Divider != nil:
			c.Blocks = append(c.Blocks, *b.Divider)
		case b.Picture != nil:
			c.Blocks = append(c.Blocks, *b.Picture)
		}
	}
	return nil
}
