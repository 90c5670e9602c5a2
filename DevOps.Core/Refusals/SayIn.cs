namespace DevOps.Core.Refusals;

/// <summary>Says a sentence in a language that is named by its culture (<c>zh-Hans</c>), where nobody's own language counts: in messages that go out.</summary>
public delegate string SayIn(string language, Sentence sentence);
