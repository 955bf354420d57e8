r"""Templates that hold running text, and how a reader sees it.

`PATTERNS` gives each name what its template shows: {1} is the first field without a name, {text/1} the first
of several that is filled, {1,2:, } those that are, joined, {*: } all fields without a name, {-1} the last of
them. What stands in [ ] is there only if a field in it is filled. A pattern =name is computed by
`wikitext_templates`. Names are those of the English Wikipedia, in lower case.
The surprising thing: what is not here goes, and much is left out on purpose: infoboxes, citations, notices,
pronunciations, coordinates, and names in other languages (lang-xx, zh), which stand in brackets.
"""

_SOURCE = "[\u2014 {author/sign/%s,title/source/cite/%s:, }\n\n]"

_TABLE: tuple[tuple[str, str], ...] = (
    # One passage: in another script, size or colour, or with a note.
    (
        "{1/text/content}",
        "nowrap|nobr|no wrap|nobreak|nowraplinks|nobold|noitalic|noitalics|normal|small|smaller|big|bigger"
        "|large|larger|huge|smallcaps|sc|smallcaps all|abbr|abbrv|tooltip|center|centre|math|mvar|var|code"
        "|mono|monospace|tt|kbd|samp|em|strong|strike|strikethrough|s|del|ins|underline|u|overline|sup|sub|red|green"
        "|blue|gray|grey|unicode|polytonic|iast|iso 15919|nastaliq|hebrew|script/hebrew|script/arabic"
        "|nihongo2|nihongo foot|as written|chem name|chem2|proper name|typo|visible anchor|vanchor"
        "|italics|italic"
        "|bold|nts|number table sorting|date|serif|sans-serif|font|bigmath|term|defn|initialism|longitem|flag"
        "|flagcountry|flagu|highlight|pie|wikt|tq",
    ),
    (
        "{2}",
        "rtl-lang|script|color|colour|font color|font colour|colored text|sort|wikt-lang|native name"
        "|native phrase|background color",
    ),
    ("{text/-1}", "lang|transl|transliteration|resize|rotate"),
    ("{lt/1}", "ill|illm|interlanguage link|interlanguage link multi|link-interwiki"),
    ("{*}", "linktext|chem|not a typo"),
    ("{*:+}", "keypress|key press|key"),
    ("{1,2: }", "sortname"),
    ("{1}[ ({2,3,4:, })][ {5}]", "nihongo"),
    ("{3}[ ({2,1,4:, })]", "nihongo3"),
    ("{1}[ ({2})]", "ruby|ruby-ja"),
    ("{1}[ \u00a7 {2,3,4: \u00a7 }]", "section link|slink"),
    ("\u27e8{1}\u27e9", "angbr|angle bracket|angbr ipa"),
    ("\u2018{1}\u2019", "gloss"),
    ('"{1/text}"', '"|inline quote|quote inline'),
    ("lit. \u2018{1}\u2019", "lit|literal translation"),
    ("transl. {1}", "translation"),
    # Quotations, a paragraph each, with who said it behind them.
    (
        f"\n\n{{text/quote/content/1}}\n\n{_SOURCE % (2, 3)}",
        "blockquote|block quote|block quotation|blockquotation|bquote|quote|quotation|quote without source"
        "|long quotation|poemquote|poem quote|poem|verse|centered pull quote|pull quote|pullquote|quote frame"
        "|epigraph|quote box|quotebox|quote box2|quote box3",
    ),
    (f"\n\n{{text/quote/content/1}}\n\n{_SOURCE % (4, 5)}", "cquote|cquote2"),  # 2 and 3 are widths
    (f"\n\n{{text/quote/2}}\n\n{_SOURCE % (3, 4)}", "rquote"),
    ("\n\n{lang1/1}\n\n[{lang2/2}\n\n]", "verse translation"),
    ("\n\n{text/1}\n\n", "block indent|blockindent|indented block"),
    # Lists.
    ("\n{content/-1/1}\n", "plainlist|plain list|flatlist|columns-list|column list"),
    ("{*: \u00b7 }", "hlist"),
    ("\n{*:\n}\n", "unbulleted list|ubl|ublist|bulleted list|blist|ordered list|vunblist"),
    # Dates, numbers and quantities.
    ("c. {1}[ \u2013 c. {2}]", "circa|c.|ca.|circ|ca"),
    ("fl. {1}[\u2013{2}]", "floruit|fl.|fl"),
    ("r. {1}[\u2013{2}]", "reign|r."),
    ("b. {1}", "b."),
    ("d. {1}", "d."),
    ("=as of", "as of|asof"),
    (
        "=date",
        "birth date|birth date and age|bda|death date|death date and age|dda|start date|start date and age"
        "|end date|dts|birth-date|birth-date and age|death-date|death-date and age|start-date|end-date"
        "|birth year and age",
    ),
    ("=old style", "oldstyledate|oldstyledatedy"),
    ("=quantity", "convert|cvt"),
    ("=fraction", "frac|sfrac|fraction"),
    ("=value", "val"),
    ("\u00d710^{1}", "e|esp"),
    ("{1}^{2}", "pow"),
    ("{p/1}{b/2}", "su"),
    ("\u221a{1}", "radic|sqrt"),
    ("\u20ac{1}", "euro|eur|\u20ac"),
    ("\u00a3{1}", "gbp|pound sterling|\u00a3"),
    ("US${1}", "us$|usd"),
    ("A${1}", "a$|aud"),
    ("C${1}", "c$|cad"),
    ("\u00a5{1}", "jpy|yen|\u00a5|cny"),
    ("\u20b9{1}", "inr|indian rupee|\u20b9"),
    ("AD {1}", "ad"),
    ("{1} BC", "bc"),
    ("{1} BCE", "bce"),
    ("{1} CE", "ce"),
    ("=bible", "bibleverse|bibleref|bibleref2"),
    ("=sic", "sic"),
    ("=ordinal", "ordinal"),
    # Ships: also those of `SHIPS`, each under its prefix.
    ("=ship with prefix", "ship"),
    ("{1}-class[ {2}]", "sclass|sclass-|sclass2|sclass2-"),
    # Characters that cannot be written, or would be read as markup.
    ("'", "'|-'|'-|apostrophe|apos|\\'|'\\"),
    ("'s", "'s|-'s|'s-"),
    ("`", "`"),
    ("\u02bb", "okina"),
    ("\u02be", "hamza"),
    ("\u02bf", "ayin"),
    ("\ua78c", "saltillo"),
    ("' \"", "' \"|'-\""),
    ("\" '", "\" '"),
    ("'\"", "'\""),
    ("\"'", "\"'"),
    ("|", "!"),
    ("||", "!!"),
    ("=", "="),
    ("{", "("),
    ("}", ")"),
    ("\u2013", "ndash|en dash|endash|\u2013"),
    ("\u2014", "mdash|em dash|emdash|\u2014"),
    (" \u2013 ", "spaced ndash|spaced en dash|spaced endash|snd|snds|spnd|spndash|sndash|nsndns|nsnd|dash"),
    (" \u2014 ", "spaced mdash|spaced em dash|smd|mdashb|snmd"),
    (" ", "nbsp|space|spaces|sp|thinsp|thin space|hair space|hairsp|hsp|nnbsp|ensp|emsp|gap|in5|pad"),
    (" \u00b7 ", "\u00b7|middot|dot|interpunct"),
    (" \u2022 ", "\u2022|bullet|bull"),
    (" / ", "\\"),
    ("...", "...|ellipsis"),
    ("\u00d7", "times"),
    ("\u2212", "minus"),
    ("\u03c0", "pi"),
    ("\u00b0", "degree|deg"),
    ("\u266f", "sharp|music sharp"),
    ("\u266d", "flat|music flat"),
    ("\u266e", "natural|music natural"),
)

_PREFIXES = (
    "USS|HMS|SS|MV|RMS|SMS|HMAS|HMCS|HMNZS|HMIS|INS|USCGC|USNS|RFA|MS|USAT|USRC|USAV|HSwMS|HNoMS|HDMS|HNLMS|ARA"
    "|PNS|ORP|RV|PS|TS|SAS|JDS|JS|ROKS|KRI|BAP|BRP|TCG|CSS|HMT|MT|GTS|HMY"
)
SHIPS: dict[str, str] = {prefix.lower(): prefix for prefix in _PREFIXES.split("|")}
PATTERNS: dict[str, str] = {name: pattern for pattern, names in _TABLE for name in names.split("|")}
PATTERNS |= dict.fromkeys(SHIPS, "=ship")
