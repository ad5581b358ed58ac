package simulator

import "strings"

// The word lists of the made-up data. Nothing in them names a real company.

func firstNames() []string {
	return strings.Fields(`Ada Adrian Aisha Alan Alba Alice Amara Amir Ana Andre Anika Anton Arjun Astrid Aurora Axel Beatriz
Ben Bianca Björn Bruno Camila Carl Carmen Cecilia Chen Chiara Claire Dagny Dana Daniel Dario Daria Deepa Diego Dina Dmitri Edith
Edwin Elena Elias Elif Emil Emma Enzo Erik Esra Esther Eva Farid Fatima Felix Femi Fiona Florian Freya Gabriel Georg Gia Gita
Greta Gustav Hana Hannah Hassan Heidi Helen Henrik Hugo Ida Imani Ines Ingrid Iris Isaac Ivan Ivo Jack Jana Jasmin Jin Joana
Johan Jonas José Julia Kai Karim Karin Kenji Kira Klara Kofi Lars Laura Layla Lena Leo Liam Lina Linnea Livia Lucas Lucía Mads
Maja Malik Marco Maria Marta Mateo Maya Mei Mia Milan Mina Mira Nadia Nia Niko Nils Nina Noah Noor Nora Ola Olga Omar Oscar Otto
Pablo Paula Pia Priya Quinn Rafael Rania Ravi Rosa Ruben Ruth Sami Sana Sara Selma Signe Silas Sofia Stella Sven Tara Tariq Tea
Theo Thora Tilda Tomas Uma Vera Vikram Viktor Wanda Yara Yusuf Zara Zoë`)
}

func lastNames() []string {
	return strings.Fields(`Abara Achterberg Adeyemi Almeida Amsel Anand Andersen Aoki Ardelean Arvidsson Asante Baptista Barros
Beck Bergström Bhatt Bianchi Blomqvist Brandt Caldera Carvalho Castell Chandra Chowdhury Conti Cruz Dahl Darwish Delgado Dias
Dimitrov Drexler Duarte Eklund Engel Eriksen Esposito Falk Faria Ferrante Fischer Fontana Forsberg Gallo Ganesan Garnier Graf
Grimaldi Guerra Haas Haddad Halvorsen Hansen Hartmann Hoang Holm Horvat Ibrahim Ilić Ivarsson Jansen Jelinek Johansen Kaminski
Kapoor Karlsen Keller Khatri Kimura Klein Kovač Krause Kruger Kumar Lang Larsen Lehmann Lindqvist Lombardi Lund Machado Madsen
Mahlangu Marchetti Marin Matsuda Mehta Mendes Meyer Moen Moreau Moretti Müller Nakata Navarro Nguyen Nilsen Novak Nunes Nyberg
O'Dell Okafor Olsen Orlov Osei Otieno Palmer Park Pereira Petrov Pillai Pinto Prieto Quist Rahman Ramires Rasmussen Reis Ricci
Rocha Romano Rossi Sahin Salazar Sandberg Santoro Sato Schreiber Serrano Shah Sharma Sokolov Solberg Sorensen Stein Strand
Suzuki Szabo Takeda Tavares Thorne Torres Tran Ulrich Valdez Varga Vasquez Vega Vidal Vogel Wagner Weber Winther Wolff Yamada
Yilmaz Zeller Zhang Ziegler`)
}

func placeWords() []string {
	return strings.Fields(`Amber Anchor Apple Arbor Ash Aspen Autumn Baker Bay Beacon Birch Blue Bluebell Boulder Bramble Bridge
Bright Broad Brook Canal Canyon Cape Castle Cedar Chapel Cherry Chestnut Clay Clear Cliff Clover Coast Cobalt Cooper Copper Coral
Corner Cottage Cotton Crane Creek Crescent Crest Crimson Cross Crystal Cypress Dale Dawn Deer Delta Dock Dove Drift Eagle Early
East Echo Elder Elm Ember Evergreen Fair Falcon Farm Fern Field Finch First Fjord Flint Forest Fountain Fox Garden Garnet Gate
Glen Golden Granite Grand Gray Green Grove Gull Half Hamlet Harbor Harvest Haven Hawthorn Hazel Heather Heron High Hill Hollow
Holly Horizon Indigo Iron Island Ivory Ivy Jade Juniper Keystone Kings Lake Lantern Larch Lark Laurel Lavender Linden Lions
Lower Lotus Maple Marble Market Marsh Meadow Mill Mint Mission Moon Moss Mount Mountain Mulberry New North Northern Oak Ocean
Olive Orchard Otter Palm Park Pearl Pebble Pine Pioneer Plaza Pond Poplar Port Prairie Quarry Quiet Rain Raven Red Reed Ridge
River Robin Rock Rose Rowan Royal Sage Sand Sandstone Scarlet Sea Second Shore Silver Sky Slate South Sparrow Spring Spruce
Square Star Station Stone Summer Summit Sun Sunset Swan Sycamore Tall Thistle Tide Timber Tower Town Trail Twin Union Upper
Valley Vine Violet Vista Walnut Water West Western White Wild Willow Winter Wood Wren Yellow`)
}

func endings() []string {
	return strings.Fields(`brook side field gate wood ford view port stone dale ridge bank hill line mark mere point crest haven
land mill ton well worth wick lea by holm burn shaw`)
}

// trades are the second part of a company's name.
func trades() []string {
	return strings.Split(`Accounting|Advisory|Animal Hospital|Architects|Auto Group|Bakery|Builders|Capital|Cardiology|Ceramics|
Charter School|Chiropractic|Clinic|Coffee Roasters|Construction|Consulting|Contractors|Credit Union|Dental|Dental Group|Dermatology|
Design|Design Studio|Development|Dialysis|Distribution|Distillery|Electric|Energy|Engineering|Equipment|Events|Eye Care|Fabrication|
Farms|Fencing|Financial|Fitness|Floors|Foods|Foundation|Freight|Furniture|Gallery|Garage|Glass|Grain|Greenhouse|Hardware|Health|
Heating and Air|Holdings|Home Care|Homes|Hospice|Hotels|Housing Trust|Imaging|Insurance|Interiors|Investments|Kitchens|Labs|
Landscaping|Laundry|Law|Law Group|Legal|Library|Lighting|Logistics|Lumber|Machining|Manufacturing|Marine|Marketing|Materials|Media|
Medical|Metals|Mobility|Montessori|Mortgage|Motors|Museum|Music School|Nursery|Nutrition|Opticians|Orthodontics|Outdoors|Packaging|
Paper|Partners|Pediatrics|Pet Clinic|Pharmacy|Physio|Plastics|Plumbing|Pools|Press|Printing|Produce|Properties|Rail|Realty|Recycling|
Rehab|Rentals|Research|Restaurants|Roofing|Security|Senior Living|Shipping|Signs|Solar|Staffing|Steel|Storage|Supply|Surgery|Surveying|
Systems|Textiles|Theater|Tool Works|Tours|Toys|Transit|Travel|Tree Care|Urgent Care|Veterinary|Vineyards|Warehousing|Wealth|Welding|
Wholesale|Window Works|Yoga`, "|")
}

// unicodeNames are legal and awkward: accents, other scripts, quotes, an ampersand.
func unicodeNames() []string {
	return []string{"Café Østergaard & Søn", "Bäckerei Größl", "Łódzka Pracownia Żagli", "Ζέφυρος Ναυτιλιακή",
		"Śnieżka \"Górska\" Apteka", "O'Malley & Daughters", "Ñandú Viajes", "Çınar Optik", "東風 Trading", "Фабрика Снег",
		"Kahvila Äkäslompolo", "L'Étoile du Nord", "Smörgås & Co", "Ünal Makine", "حديقة الزيتون"}
}

func streets() []string {
	return strings.Fields(`Alder Bellwether Cannery Carter Chandler Commerce Depot Exchange Foundry Gristmill Harper Hawkins
Industrial Jubilee Ketterman Lakeview Lockhart Mercer Millrace Nightingale Old-Post Parkway Pennant Quarry Railway Sawmill Tanner
Treadwell Underhill Vestry Wainwright Weaver Wharf Yardley`)
}

// cityWords and cityEndings make the names of towns.
func cityWords() []string {
	return strings.Fields(`Ald Ban Bel Bram Cal Cor Dun Elm Fair Gran Hart Kel Lang Mar Nor Oak Pem Ros Stan Thorn Wald Wex`)
}

func states() []string {
	return strings.Fields(`AZ CA CO CT FL GA IL IN KY MA MD ME MI MN MO NC NH NJ NM NV NY OH OR PA RI SC TN TX UT VA VT WA WI`)
}

func titles() []string {
	return strings.Split(`Office Manager|Owner|Bookkeeper|IT Coordinator|Operations Manager|Director|Receptionist|Controller|
Practice Manager|Partner|Accountant|Executive Assistant|Facilities Manager|Head of Finance|Project Manager|Sales Manager|Nurse|
Warehouse Lead|Plant Manager|Attorney|Paralegal|Principal|Engineer`, "|")
}

// model is something that a configuration can be.
type model struct {
	kind, maker, name, os, prefix string
	share                         int // of a hundred
}

func models() []model {
	return []model{
		{"Managed Workstation", "Fernwood", "Slate 14", "Windows 11 Pro", "WS", 38},
		{"Managed Workstation", "Corvane", "Desk 700", "Windows 11 Pro", "PC", 14},
		{"Managed Workstation", "Orchid", "Book Air", "macOS 26", "MAC", 8},
		{"Managed Server", "Fernwood", "Rack R4", "Windows Server 2025", "SRV", 9},
		{"Managed Server", "Corvane", "Tower T2", "Ubuntu Server 26.04", "SRV", 3},
		{"Firewall", "Brantwall", "BW-60", "BrantOS 9", "FW", 7},
		{"Switch", "Netherly", "NS-48P", "NetherOS 4", "SW", 7},
		{"Wireless access point", "Netherly", "AirPoint 6", "NetherOS 4", "AP", 6},
		{"Printer", "Lumeprint", "LP-450", "", "PRN", 5},
		{"UPS", "Stavolt", "SV-1500", "", "UPS", 3},
	}
}
