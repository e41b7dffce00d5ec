using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace LdcLedger.Reports.Verification;

/// <summary>
/// What the pages of a PDF are drawn by: a page's operators, its boxes, and all that it refers to (states, patterns, images, annotations),
/// told apart however the file numbers, packs and shares its objects.
/// </summary>
internal sealed class PdfDrawing
{
    // Far more than what ldc nests; a file that was made to exhaust the stack ends here.
    private const int Deepest = 100;

    private static readonly string[] Inherited = ["MediaBox", "CropBox", "Rotate", "Resources"];
    private static readonly string[] OfAPage = [.. Inherited, "UserUnit", "Group", "Annots"];

    // How a stream is packed, the way back up, and what other findings are of: programs of fonts, and the words that glyphs stand for.
    private static readonly HashSet<string> Aside =
    [
        "Length", "Filter", "DecodeParms", "DL", "Parent", "P", "StructParent", "StructParents", "FontFile", "FontFile2", "FontFile3",
        "ToUnicode", "ProcSet",
    ];

    private readonly PdfDocument _document;
    private readonly List<DictionaryToken> _pages = [];
    private readonly Dictionary<IndirectReference, int> _numbers = [];
    private readonly Dictionary<IndirectReference, string> _seen = [];

    public PdfDrawing(PdfDocument document)
    {
        _document = document;
        if (document.Structure.Catalog.CatalogDictionary.TryGet(NameToken.Pages, out var pages))
            Number(pages, new Dictionary<string, IToken>(), [], 0);
    }

    /// <param name="page">From 1 on.</param>
    public string Sha256(int page)
    {
        var text = new StringBuilder();
        foreach (var key in OfAPage)
            if (_pages[page - 1].TryGet(NameToken.Create(key), out var value))
                Write(text.Append('/').Append(key), value, 0);
        using var drawn = new MemoryStream();
        foreach (var operation in _document.GetPage(page).Operations)
            operation.Write(drawn);
        drawn.Write(Encoding.UTF8.GetBytes(text.ToString()));
        return Hash(drawn.ToArray());
    }

    /// <summary>A stream's bytes; what cannot be unpacked is told from others as it is.</summary>
    public static ReadOnlySpan<byte> Unpacked(StreamToken stream)
    {
        try
        {
            return stream.Decode(DefaultFilterProvider.Instance).Span;
        }
        catch (Exception broken) when (PdfContent.IsBroken(broken))
        {
            return stream.Data.Span;
        }
    }

    /// <summary>Pages in their order, each with what it has from the nodes above it.</summary>
    /// <param name="known">The nodes that were gone through: a tree has each of them once.</param>
    private void Number(IToken node, IReadOnlyDictionary<string, IToken> above, HashSet<IndirectReference> known, int depth)
    {
        var reference = (node as IndirectReferenceToken)?.Data;
        if (reference is { } again && !known.Add(again) || depth > Deepest || Resolved(node) is not DictionaryToken dictionary)
            throw new FormatException("The tree of pages cannot be followed.");
        var whole = new Dictionary<string, IToken>(dictionary.Data);
        foreach (var (key, value) in above)
            whole.TryAdd(key, value);
        if (dictionary.TryGet(NameToken.Kids, out var kids) && Resolved(kids) is ArrayToken list)
        {
            var handed = whole.Where(entry => Inherited.Contains(entry.Key)).ToDictionary();
            foreach (var kid in list.Data)
                Number(kid, handed, known, depth + 1);
            return;
        }
        _pages.Add(new(whole.ToDictionary(entry => NameToken.Create(entry.Key), entry => entry.Value)));
        if (reference is { } number)
            _numbers.TryAdd(number, _pages.Count);
    }

    private void Write(StringBuilder to, IToken? token, int depth)
    {
        if (depth > Deepest)
            throw new FormatException("Objects are nested too deep.");
        switch (token)
        {
            case IndirectReferenceToken { Data: var reference }:
                to.Append(_numbers.TryGetValue(reference, out var page)
                    ? string.Create(CultureInfo.InvariantCulture, $" page {page}") : Of(reference, depth));
                break;
            case StreamToken stream:
                Write(to, stream.StreamDictionary, depth);
                to.Append(Hash(Unpacked(stream)));
                break;
            case DictionaryToken dictionary:
                to.Append("<<");
                foreach (var (key, value) in dictionary.Data.Where(e => !Aside.Contains(e.Key)).OrderBy(e => e.Key, StringComparer.Ordinal))
                    Write(to.Append('/').Append(key), value, depth + 1);
                to.Append(">>");
                break;
            case ArrayToken array:
                to.Append('[');
                foreach (var item in array.Data)
                    Write(to, item, depth + 1);
                to.Append(']');
                break;
            case NumericToken number:
                to.Append(CultureInfo.InvariantCulture, $" {number.Double:R}");
                break;
            case NameToken name:
                to.Append(" /").Append(name.Data);
                break;
            case StringToken text:
                to.Append('(').Append(text.Data).Append(')');
                break;
            case HexToken text:
                to.Append('(').Append(text.Data).Append(')');
                break;
            case BooleanToken truth:
                to.Append(truth.Data ? " true" : " false");
                break;
            case NullToken or null:
                to.Append(" null");
                break;
            default:
                throw new FormatException($"A {token.GetType().Name} is no object of a PDF.");
        }
    }

    /// <summary>SHA-256 of an object that others refer to, once for all of them.</summary>
    private string Of(IndirectReference reference, int depth)
    {
        if (_seen.TryGetValue(reference, out var known))
            return known;
        // One that leads back to itself is not followed again.
        _seen[reference] = " itself";
        var text = new StringBuilder();
        Write(text, _document.Structure.GetObject(reference)?.Data, depth + 1);
        return _seen[reference] = Hash(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private IToken? Resolved(IToken token) =>
        token is IndirectReferenceToken reference ? _document.Structure.GetObject(reference.Data)?.Data : token;

    /// <summary>SHA-256.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
