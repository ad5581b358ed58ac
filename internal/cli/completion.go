package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"mainstay"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that completes commands and flags, made from the same
// model as the help.
func (p *completionCmd) Run(c *call) error {
	words := map[string][]string{}
	collect(c.model.Node, "", words)
	switch p.Shell {
	case "bash":
		fmt.Fprint(c.Out, bashCompletion(words))
	case "zsh":
		fmt.Fprint(c.Out, "autoload -U +X bashcompinit && bashcompinit\n"+bashCompletion(words))
	case "fish":
		fmt.Fprint(c.Out, fishCompletion(words))
	default:
		return mainstay.Errorf(mainstay.Invalid, "Completion is made for bash, zsh and fish.")
	}
	return nil
}

// collect lists what may follow each chain of commands.
func collect(n *kong.Node, path string, words map[string][]string) {
	words[path] = []string{}
	for _, child := range n.Children {
		if child.Hidden || child.Type != kong.CommandNode {
			continue
		}
		words[path] = append(words[path], child.Name)
		collect(child, strings.TrimSpace(path+" "+child.Name), words)
	}
	for _, p := range n.Positional {
		if p.Enum != "" {
			words[path] = append(words[path], p.EnumSlice()...)
		}
	}
	flags := n.AllFlags(true)
	if n.DefaultCmd != nil {
		flags = append(flags, n.DefaultCmd.Flags)
	}
	for _, group := range flags {
		for _, f := range group {
			words[path] = append(words[path], "--"+f.Name)
		}
	}
}

func bashCompletion(words map[string][]string) string {
	var b strings.Builder
	b.WriteString("_mainstay() {\n  local cur path word\n  cur=\"${COMP_WORDS[COMP_CWORD]}\"\n  path=\"\"\n" +
		"  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$word\" in -*) ;; *) path=\"${path:+$path }$word\" ;; esac\n  done\n" +
		"  while :; do\n    case \"$path\" in\n")
	for _, path := range sortedKeys(words) {
		fmt.Fprintf(&b, "      %q) COMPREPLY=($(compgen -W %q -- \"$cur\")); return ;;\n", path, strings.Join(words[path], " "))
	}
	b.WriteString("    esac\n    case \"$path\" in *\" \"*) path=\"${path% *}\" ;; *) path=\"\" ;; esac\n  done\n}\ncomplete -F _mainstay mainstay\n")
	return b.String()
}

func fishCompletion(words map[string][]string) string {
	var b strings.Builder
	b.WriteString("complete -c mainstay -f\n")
	for _, path := range sortedKeys(words) {
		condition := "__fish_use_subcommand"
		if path != "" {
			parts := strings.Fields(path)
			condition = "__fish_seen_subcommand_from " + parts[len(parts)-1]
		}
		for _, w := range words[path] {
			if flag, ok := strings.CutPrefix(w, "--"); ok {
				fmt.Fprintf(&b, "complete -c mainstay -n '%s' -l %s\n", condition, flag)
			} else {
				fmt.Fprintf(&b, "complete -c mainstay -n '%s' -a %s\n", condition, w)
			}
		}
	}
	return b.String()
}
