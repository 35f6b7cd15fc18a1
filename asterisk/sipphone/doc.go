// Package sipphone is a SIP phone in software that speaks and hears G.711.
//
// A [Phone] sits at one UDP address. It calls ([Phone.Call]) and is called
// ([Phone.Serve], [Phone.Next]); either way a conversation is a [Session]: one
// can press keys on it (RFC 4733), say tones or recordings, and hang it up. What
// comes in is heard by the session's [Ear], which keeps every 20 ms frame with
// the instant it arrived, notices tones and keys, and, given an [Index] of the
// prompts, writes down live which prompt is heard and how much of it.
//
// Prompts are recognised by their bytes, not by their sound: G.711 that nobody
// transcodes arrives as it lies on the disk. A prompt that is recognised is
// therefore also the proof that nothing on the way re-encoded it.
//
// It is the tests' caller, the lines of the development phone company, and the
// phone for the terminal. It makes no use of the hotline's own packages, so it
// can vouch for them.
//
// Transactions and parsing come from sipgo. Dialogs and media are its own: the
// dialog helpers there leave an answered call behind when CANCEL and 200 cross,
// and give up after ten provisional responses.
//
// Speech is paced by the machine's clock: RTP is real time by definition, and a
// phone that could be fast-forwarded would hear nothing true.
package sipphone
