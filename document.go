package mainstay

// Document is a text that people write here. No PSA knows documents, so each
// one exists only here.
var Document = Kind{
	Name: "document", Plural: "documents", Label: "document", Icon: "file-text",
	Fields: []Field{
		{Name: "body", Label: "Text", Type: RichText, OnlyHere: true, Max: 1000000},
	},
}
