using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace DevOps.Core.Refusals;

/// <summary>
/// A sentence for people that can be said in their language: its English form, which is the key of the translations, and what stands in it.
/// Where one is expected, write <c>$"Server {name} is away."</c> or <c>"This is needed."</c>; the compiler makes the sentence of it.
/// </summary>
/// <remarks>In <c>?:</c> and <c>switch</c> the compiler makes a finished text first, which cannot be translated: give one branch as <see cref="Of(Sentence)"/>.</remarks>
[InterpolatedStringHandler]
public sealed class Sentence
{
    private readonly StringBuilder _format;
    private readonly List<object> _arguments;

    /// <summary>Begins a sentence; called by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Sentence(int literalLength, int formattedCount)
    {
        _format = new StringBuilder(literalLength + (3 * formattedCount));
        _arguments = new List<object>(formattedCount);
    }

    /// <summary>A sentence that was stored.</summary>
    /// <param name="format">Its English form as a composite format.</param>
    /// <param name="arguments">What stands in it: texts and sentences.</param>
    public Sentence(string format, IEnumerable<object> arguments)
    {
        _format = new StringBuilder(format);
        _arguments = [.. arguments];
    }

    /// <summary>The English form as a composite format (<c>Server {0} is away.</c>).</summary>
    public string Format => _format.ToString();

    /// <summary>What stands in it, in the order of English: texts (numbers and times already written out), and sentences.</summary>
    public IReadOnlyList<object> Arguments => _arguments;

    /// <summary>A constant text as a sentence. Anything but a constant cannot be translated; a test finds it.</summary>
    public static implicit operator Sentence(string constant)
    {
        var sentence = new Sentence(constant.Length, 0);
        sentence.AppendLiteral(constant);
        return sentence;
    }

    /// <summary>Gives a branch of <c>?:</c> or <c>switch</c> the type of a sentence.</summary>
    public static Sentence Of(Sentence sentence) => sentence;

    /// <summary>What an exception says: its sentence if it has one, its message as it is otherwise.</summary>
    public static Sentence Of(Exception exception) => exception is ISaid { Said: var said } ? said : Verbatim(exception.Message);

    /// <summary>Text of other programs, which is shown as it is in every language.</summary>
    public static Sentence Verbatim(string text) => new("{0}", [text]);

    /// <summary>Several sentences, one after the other.</summary>
    public static Sentence Join(string separator, IEnumerable<Sentence> sentences)
    {
        var joined = new Sentence(0, 0);
        foreach (var sentence in sentences)
        {
            joined.AppendLiteral(joined._arguments.Count > 0 ? separator : "");
            joined.AppendFormatted(sentence);
        }

        return joined;
    }

    /// <summary>The sentence with the output of a program below it, which is shown as it is.</summary>
    public Sentence Above(string output) => output.Length == 0 ? this : new Sentence("{0}\n{1}", [this, output]);

    /// <summary>The sentence with each text that stands in it changed, such as to hide secrets.</summary>
    public Sentence Map(Func<string, string> change) =>
        new(Format, _arguments.Select(a => a is Sentence inner ? inner.Map(change) : (object)change((string)a)));

    /// <summary>Says it in another language.</summary>
    /// <param name="translate">Gives the form in that language for an English one, or the same when there is none.</param>
    public string Say(Func<string, string> translate) => string.Format(
        CultureInfo.InvariantCulture,
        translate(Format),
        [.. _arguments.Select(a => a is Sentence inner ? inner.Say(translate) : a)]);

    /// <summary>The sentence in English.</summary>
    public override string ToString() => Say(format => format);

    /// <summary>Adds words; called by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void AppendLiteral(string literal) =>
        _format.Append(literal.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    /// <summary>Adds what stands in it; called by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void AppendFormatted<T>(T value, string? format = null)
    {
        _format.Append(CultureInfo.InvariantCulture, $"{{{_arguments.Count}}}");
        _arguments.Add(value as Sentence as object ?? (value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? ""));
    }
}

/// <summary>An exception that has a <see cref="Sentence"/> for a person. Its message is the same in English.</summary>
public interface ISaid
{
    /// <summary>What it says.</summary>
    Sentence Said { get; }
}
