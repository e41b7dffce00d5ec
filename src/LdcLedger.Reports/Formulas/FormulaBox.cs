using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Formulas;

/// <summary>A formula as it is drawn on any canvas, in the report's own fonts: every sign of it is text that can be selected.</summary>
/// <param name="Ascent">Above the baseline.</param>
/// <param name="Descent">Below it.</param>
/// <param name="Draw">From the left end of the baseline.</param>
internal sealed record FormulaBox(float Width, float Ascent, float Descent, Action<SKCanvas, float, float> Draw)
{
    public static FormulaBox Of(Formula formula, float size, SKColor color) => formula.Draw(new Boxes(size, color));

    private sealed class Boxes(float size, SKColor color) : IFormulaRenderer<FormulaBox>
    {
        // Of the size of type: the height of a bar above the baseline, a stroke's thickness, the least size of scripts in points.
        private const float Axis = 0.28f, Stroke = 0.055f, ScriptScale = 0.72f, LeastSize = 5.5f;

        public FormulaBox Draw(FormulaText formula) => formula.Kind switch
        {
            // Letters slant, but for Greek capitals, which stand, as mathematicians write them.
            FormulaTextKind.Letter => Row([.. formula.Text.EnumerateRunes().Select(letter =>
                Text(letter.ToString(), size, letter.Value is >= 0x391 and <= 0x3A9 ? ReportFonts.Regular : ReportFonts.Italic))]),
            FormulaTextKind.Word or FormulaTextKind.Number => Text(formula.Text, size),
            FormulaTextKind.Operator => Padded(Text(formula.Text, size), size * 0.26f),
        };

        public FormulaBox Draw(FormulaRow formula)
        {
            var boxes = new List<FormulaBox>();
            for (var i = 0; i < formula.Items.Count; i++)
            {
                var isTight = i == 0 || IsOperator(formula.Items[i]) || IsOperator(formula.Items[i - 1]);
                boxes.Add(isTight ? Of(formula.Items[i]) : Padded(Of(formula.Items[i]), size * 0.14f, 0));
            }
            return Row(boxes);
        }

        public FormulaBox Draw(Fraction formula)
        {
            var (above, below) = (Of(formula.Above), Of(formula.Below));
            var (gap, bar, pad) = (size * 0.16f, size * Stroke, size * 0.12f);
            var width = Math.Max(above.Width, below.Width) + 2 * pad;
            var raised = size * Axis + gap + above.Descent;
            var lowered = gap - size * Axis + below.Ascent;
            return new(width, raised + above.Ascent, lowered + below.Descent, (canvas, x, y) =>
            {
                above.Draw(canvas, x + (width - above.Width) / 2, y - raised);
                Line(canvas, bar, x, y - size * Axis, x + width, y - size * Axis);
                below.Draw(canvas, x + (width - below.Width) / 2, y + lowered);
            });
        }

        public FormulaBox Draw(Scripts formula)
        {
            var of = Of(formula.Of);
            var below = formula.Below is null ? null : Script(formula.Below);
            var above = formula.Above is null ? null : Script(formula.Above);
            var lowered = below is null ? 0 : Math.Max(size * 0.2f, of.Descent - below.Descent + size * 0.1f);
            var raised = above is null ? 0 : Math.Max(size * 0.36f, of.Ascent - above.Ascent * 0.6f);
            var width = of.Width + size * 0.04f + Math.Max(below?.Width ?? 0, above?.Width ?? 0);
            return new(width, Math.Max(of.Ascent, raised + (above?.Ascent ?? 0)), Math.Max(of.Descent, lowered + (below?.Descent ?? 0)),
                (canvas, x, y) =>
                {
                    of.Draw(canvas, x, y);
                    below?.Draw(canvas, x + of.Width + size * 0.04f, y + lowered);
                    above?.Draw(canvas, x + of.Width + size * 0.04f, y - raised);
                });
        }

        public FormulaBox Draw(Fence formula)
        {
            var of = Of(formula.Of);
            // A fence around something tall is drawn tall; its sign keeps its place in the text.
            var tall = Math.Max(1, (of.Ascent + of.Descent) / (size * 1.1f));
            return Row([Grown(formula.Open), of, Grown(formula.Close)]);

            FormulaBox Grown(string sign)
            {
                var one = Text(sign, size);
                if (tall < 1.15f)
                    return one;
                var middle = (of.Ascent - of.Descent) / 2;
                var own = (one.Ascent - one.Descent) / 2;
                return new(one.Width, of.Ascent, of.Descent, (canvas, x, y) =>
                {
                    canvas.Save();
                    canvas.Translate(x, y - middle);
                    canvas.Scale(1, tall);
                    one.Draw(canvas, 0, own);
                    canvas.Restore();
                });
            }
        }

        public FormulaBox Draw(Root formula)
        {
            var of = Of(formula.Of);
            var (sign, gap) = (size * 0.62f, size * 0.14f);
            var top = of.Ascent + gap;
            return new(sign + of.Width + gap, top + size * Stroke, of.Descent, (canvas, x, y) =>
            {
                using var path = new SKPath();
                path.MoveTo(x + size * 0.06f, y - size * 0.3f);
                path.LineTo(x + sign * 0.35f, y - size * 0.4f);
                path.LineTo(x + sign * 0.62f, y + of.Descent);
                path.LineTo(x + sign, y - top);
                path.LineTo(x + sign + of.Width + gap, y - top);
                using var paint = Pen(size * Stroke);
                canvas.DrawPath(path, paint);
                of.Draw(canvas, x + sign + gap / 2, y);
            });
        }

        public FormulaBox Draw(LargeOperator formula)
        {
            var isWord = formula.Sign.Length > 1;
            var sign = isWord ? Text(formula.Sign, size) : Text(formula.Sign, size * 1.5f);
            // A large sign hangs as far below the bars of fractions as it stands above them.
            var shift = isWord ? 0 : (sign.Ascent - sign.Descent) / 2 - size * Axis;
            var below = formula.Below is null ? null : Script(formula.Below);
            var above = formula.Above is null ? null : Script(formula.Above);
            var gap = size * 0.1f;
            var (up, down) = (sign.Ascent - shift, sign.Descent + shift);
            var width = Math.Max(sign.Width, Math.Max(below?.Width ?? 0, above?.Width ?? 0));
            var box = new FormulaBox(
                width, up + (above is null ? 0 : gap + above.Ascent + above.Descent),
                down + (below is null ? 0 : gap + below.Ascent + below.Descent),
                (canvas, x, y) =>
                {
                    sign.Draw(canvas, x + (width - sign.Width) / 2, y + shift);
                    above?.Draw(canvas, x + (width - above.Width) / 2, y - up - gap - above.Descent);
                    below?.Draw(canvas, x + (width - below.Width) / 2, y + down + gap + below.Ascent);
                });
            return Padded(box, size * 0.08f);
        }

        private FormulaBox Of(Formula formula) => formula.Draw(this);

        private FormulaBox Script(Formula formula) => FormulaBox.Of(formula, Math.Max(LeastSize, size * ScriptScale), color);

        private static bool IsOperator(Formula formula) => formula is FormulaText { Kind: FormulaTextKind.Operator };

        private static FormulaBox Row(IReadOnlyList<FormulaBox> boxes) => new(
            boxes.Sum(b => b.Width), boxes.Max(b => b.Ascent), boxes.Max(b => b.Descent), (canvas, x, y) =>
            {
                foreach (var box in boxes)
                {
                    box.Draw(canvas, x, y);
                    x += box.Width;
                }
            });

        private static FormulaBox Padded(FormulaBox box, float left, float? right = null) =>
            box with { Width = left + box.Width + (right ?? left), Draw = (canvas, x, y) => box.Draw(canvas, x + left, y) };

        private FormulaBox Text(string text, float at) => Text(text, at, ReportFonts.Regular);

        private FormulaBox Text(string text, float at, SKTypeface typeface)
        {
            var width = TextLine.Width(text, typeface, at);
            // What is drawn, not the font's line: formulas are set as tight as their signs.
            var has = text.Length == 0 ? typeface : ReportFonts.For(ReportFonts.Characters(text).First(), typeface).Typeface;
            ReportFonts.Of(has, at).MeasureText(text, out var bounds);
            return new(width, Math.Max(-bounds.Top, at * 0.5f), Math.Max(bounds.Bottom, 0),
                (canvas, x, y) => TextLine.Draw(canvas, text, x, y, typeface, at, color));
        }

        private void Line(SKCanvas canvas, float thickness, float x1, float y1, float x2, float y2)
        {
            using var paint = Pen(thickness);
            canvas.DrawLine(x1, y1, x2, y2, paint);
        }

        private SKPaint Pen(float thickness) => new()
        {
            Color = color, StrokeWidth = thickness, Style = SKPaintStyle.Stroke, IsAntialias = true, StrokeJoin = SKStrokeJoin.Miter,
        };
    }
}
