package dispatch

import "testing"

// The template ends the sentence; an answer that ends it too must not end it twice.
func TestAnAnswerEndsItsSentenceOnce(t *testing.T) {
	for result, want := range map[string]string{
		"路灯已修好。": "路灯已修好", "路灯已修好": "路灯已修好", "Fixed. \n": "Fixed", "修好了!": "修好了!", "": "",
	} {
		got := fill("已答复：{result}。", Order{Result: result}.slots())
		if got != "已答复："+want+"。" {
			t.Errorf("%q gives %q", result, got)
		}
	}
}
