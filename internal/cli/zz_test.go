package cli
import ("testing";"fmt")
func TestZZ(t *testing.T){ desks(t, func(d *desk){ fmt.Println(d.texts("SELECT l.name || ' ' || l.axis || ' ' || l.external_id || ' ' || l.id || ' ' || (SELECT count(*) FROM item i WHERE i.status_id=l.id AND kind='organization') || ' linked ' || (SELECT count(*) FROM item i JOIN psa_record r ON r.item_id=i.id WHERE i.status_id=l.id AND i.kind='organization') FROM label l WHERE l.kind='organization'"))}) }
