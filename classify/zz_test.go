package classify
import "testing"
func BenchmarkZGate(b *testing.B){g:=newGate(builtInThesis(b).Gate);for b.Loop(){g.pass(gateFail)}}
func BenchmarkZDetect(b *testing.B){for b.Loop(){detect(gateFail,"en")}}
