package ivr

// emergencyNode lets a menu name the emergency branch. The branch itself is built in
// and works from every node without being named (see emergency.go).
//
//	"9": emergency     in a menu's keys needs no node; a node is for other ways in
//	danger: {verb: emergency}
type emergencyNode struct{}

func readEmergency(*object) verb { return &emergencyNode{} }

func (n *emergencyNode) exits() []Exit     { return nil }
func (n *emergencyNode) prompts() []string { return nil }

func (n *emergencyNode) run(*visit) (string, error) { return "", errEmergency }
