using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokens;

namespace LdcLedger.Reports.Tests;

/// <summary>A PDF as a screen reader has it: the tree of its tags, with the letters that each marks.</summary>
/// <param name="Text">Of its own marks, without spaces.</param>
internal sealed record TaggedText(
    string Type, string? Alternative, string? Scope, string Text, IReadOnlyList<int> Pages, int Links, IReadOnlyList<TaggedText> Kids)
{
    /// <summary>It and everything in it, in reading order.</summary>
    public IEnumerable<TaggedText> All => Kids.SelectMany(k => k.All).Prepend(this);

    /// <summary>Its own text and that of everything in it.</summary>
    public string AllText => string.Concat(All.Select(t => t.Text));

    public static TaggedText Of(PdfDocument pdf)
    {
        var marked = new Dictionary<(int Page, int Mark), string>();
        var pages = new Dictionary<IndirectReference, int>();
        foreach (var page in pdf.GetPages())
            foreach (var content in page.GetMarkedContents().Where(c => !c.IsArtifact))
            {
                var text = string.Concat(content.Letters.Select(l => l.Value)).Replace(" ", "");
                marked.Add((page.Number, content.MarkedContentIdentifier), text);
            }
        var number = 0;
        foreach (var page in References(pdf, Resolved(pdf, pdf.Structure.Catalog.CatalogDictionary, "Pages"), "Kids"))
            pages[page] = ++number;
        var root = Resolved(pdf, pdf.Structure.Catalog.CatalogDictionary, "StructTreeRoot");
        var document = (DictionaryToken)pdf.Structure.GetObject(References(pdf, root, "K").Single()).Data;
        var used = new HashSet<(int, int)>();
        var tree = Read(document);
        if (used.Count != marked.Count)
            throw new InvalidOperationException($"The tree names {used.Count} of {marked.Count} marks.");
        return tree;

        TaggedText Read(DictionaryToken tag)
        {
            var (words, kids, on, links) = ("", new List<TaggedText>(), new List<int>(), 0);
            var own = tag.TryGet(NameToken.Create("Pg"), out IndirectReferenceToken page) ? pages[page.Data] : 0;
            foreach (var kid in tag.TryGet(NameToken.Create("K"), out ArrayToken list) ? list.Data : [])
                switch (kid)
                {
                    case NumericToken mark:
                        Add(own, mark.Int);
                        break;
                    case IndirectReferenceToken reference:
                        kids.Add(Read((DictionaryToken)pdf.Structure.GetObject(reference.Data).Data));
                        break;
                    case DictionaryToken entry when Name(entry, "Type") == "OBJR":
                        links++;
                        break;
                    case DictionaryToken entry:
                        Add(pages[((IndirectReferenceToken)entry.Data["Pg"]).Data], ((NumericToken)entry.Data["MCID"]).Int);
                        break;
                    default:
                        throw new InvalidOperationException($"A tag has a kid {kid}.");
                }
            var scope = tag.TryGet(NameToken.Create("A"), out DictionaryToken attributes) ? Name(attributes, "Scope") : null;
            return new(Name(tag, "S")!, Words(tag, "Alt"), scope, words, [.. on.Distinct()], links, kids);

            void Add(int at, int mark)
            {
                if (!used.Add((at, mark)))
                    throw new InvalidOperationException($"Mark {mark} of page {at} belongs to two tags.");
                words += marked[(at, mark)];
                on.Add(at);
            }
        }
    }

    public static string? Words(DictionaryToken of, string key) => of.Data.TryGetValue(key, out var value)
        ? value switch
        {
            HexToken hex => hex.Data,
            StringToken text => text.Data,
            var other => throw new InvalidOperationException($"{key} is {other}"),
        }
        : null;

    public static DictionaryToken Resolved(PdfDocument pdf, DictionaryToken of, string key) => of.Data[key] switch
    {
        IndirectReferenceToken reference => (DictionaryToken)pdf.Structure.GetObject(reference.Data).Data,
        var value => (DictionaryToken)value,
    };

    private static string? Name(DictionaryToken of, string key) => of.TryGet(NameToken.Create(key), out NameToken name) ? name.Data : null;

    private static IEnumerable<IndirectReference> References(PdfDocument pdf, DictionaryToken of, string key) =>
        ((ArrayToken)of.Data[key]).Data.Cast<IndirectReferenceToken>().Select(r => r.Data);
}
