#include <array>

#include "base/check.h"
#include "pages/language.h"

namespace doorward::pages {

namespace {

template <class Key, class Value>
using Table = std::array<std::pair<Key, Value>, static_cast<std::size_t>(Key::Count)>;

/// Whether entry i is for key i, so that look-up is an index and nothing is missing or doubled.
template <class Key, class Value>
consteval bool complete(const Table<Key, Value>& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].first != static_cast<Key>(i)) return false;
  }
  return true;
}

using Phrases = Table<Phrase, std::string_view>;
using Troubles = Table<Trouble, TroubleText>;

constexpr Phrases kEnglish = {{
    {Phrase::SignIn, "Sign in"},
    {Phrase::SignInTo, "Sign in to {}"},
    {Phrase::EmailAddress, "E-mail address"},
    {Phrase::EmailHint, "Use the e-mail address that your company gave you."},
    {Phrase::Continue, "Continue"},
    {Phrase::Password, "Password"},
    {Phrase::SignInWithPassword, "Sign in with password"},
    {Phrase::SignInWithCompany, "Sign in with your company account"},
    {Phrase::OtherAddress, "Use another e-mail address"},
    {Phrase::OrPassword, "or with your password"},
    {Phrase::WrongEmailOrPassword, "E-mail address and password do not match. Check both and try again."},
    {Phrase::EmailMissing, "Enter your e-mail address, for example name@company.com."},
    {Phrase::ForgotPassword, "Forgotten your password? Your administrator can give you a new one."},
    {Phrase::SignedInAs, "Signed in as {}"},
    {Phrase::Welcome, "Welcome, {}"},
    {Phrase::Account, "Company"},
    {Phrase::AccountHint, "The short name in your company’s sign-in link. Your administrator knows it."},
    {Phrase::Department, "Department"},
    {Phrase::UserName, "User name"},
    {Phrase::SignedInBy, "Signed in with"},
    {Phrase::ByProvider, "company account"},
    {Phrase::ByPassword, "password"},
    {Phrase::AdministratorRights, "Administrator"},
    {Phrase::Yes, "Yes"},
    {Phrase::No, "No"},
    {Phrase::YourSignIns, "Where you are signed in"},
    {Phrase::YourSignInsHint, "If you do not recognise one of these, end it and tell your administrator."},
    {Phrase::ThisDevice, "this browser"},
    {Phrase::LastUsed, "last used {}"},
    {Phrase::EndSignIn, "End"},
    {Phrase::EndOtherSignIns, "End all others"},
    {Phrase::SignOut, "Sign out"},
    {Phrase::OpenConsole, "Open the console"},
    {Phrase::OpenProfile, "Profile and password"},
    {Phrase::SignedOutTitle, "You are signed out"},
    {Phrase::SignedOutText, "Close this window if others use this computer."},
    {Phrase::SignOutOf, "Sign out of {}?"},
    {Phrase::SignedOutOf, "You are signed out of {}"},
    {Phrase::SignedOutOfText,
     "Your company sign-in is still open, so coming back needs no password. If others use this computer, "
     "sign "
     "out there as well."},
    {Phrase::SignOutThereToo, "To your company sign-in"},
    {Phrase::SignInAgain, "Sign in again"},
    {Phrase::ToHomePage, "Go to the home page"},
    {Phrase::ReferenceNumber, "Reference number"},
    {Phrase::ReferenceHint, "Your administrator finds the full story under this number."},
    {Phrase::RequestNumber, "Request number"},
    {Phrase::RequestHint, "Whoever runs this server finds the cause in its log under this number."},
    {Phrase::WhatToDo, "What to do"},
    {Phrase::ContinueToProvider, "Continue to your company’s sign-in"},
    {Phrase::ContinueToProviderHint, "If nothing happens within a moment, press Continue."},
    {Phrase::ContinueButton, "Continue"},
    {Phrase::TestPassedTitle, "The test sign-in worked"},
    {Phrase::TestPassedText, "This person would be signed in to {}."},
    {Phrase::TestNoSession, "This was a test: nobody was signed in by it. You can close this window."},
    {Phrase::WhatWasReceived, "What was received"},
    {Phrase::Employee, "Employee"},
    {Phrase::ConsentTitle, "{} asks who you are"},
    {Phrase::ConsentText, "If you allow it, {} learns:"},
    {Phrase::ConsentReturn, "You then go on to {}."},
    {Phrase::WishIdentity, "that it is you, and which company you are from"},
    {Phrase::WishProfile, "your name, user name and language"},
    {Phrase::WishEmail, "your e-mail address"},
    {Phrase::WishGroups, "the groups that you are in"},
    {Phrase::WishDepartments, "your department"},
    {Phrase::WishOffline, "all this also while you are away, until you or your administrator end it"},
    {Phrase::Allow, "Allow"},
    {Phrase::DoNotAllow, "Do not allow"},
    {Phrase::OtherCompanyTitle, "You are signed in to another company"},
    {Phrase::OtherCompanyText, "You are signed in to {}. {} belongs to {}."},
    {Phrase::SignOutTitle, "Sign out?"},
    {Phrase::SignOutAsked, "{} asks to sign you out."},
    {Phrase::SignOutEffect,
     "You will be signed out here, and the applications that you went to from here lose their access."},
    {Phrase::StaySignedIn, "Stay signed in"},
    {Phrase::ContinueToApplication, "Continue to {}"},
    {Phrase::ChoosePassword, "Choose a password"},
    {Phrase::ChoosePasswordFor, "For {}, at {}."},
    {Phrase::NewPassword, "New password"},
    {Phrase::NewPasswordHint, "At least 8 characters; a sentence is easier to remember than a jumble."},
    {Phrase::RepeatPassword, "The same again"},
    {Phrase::PasswordsDiffer, "The two entries differ. Type the password twice."},
    {Phrase::PasswordUnusable, "That cannot be your password: it needs at least 8 characters."},
    {Phrase::SavePassword, "Save and sign in"},
    {Phrase::EmergencyTitle, "Emergency sign-in"},
    {Phrase::EmergencyText, "Support lets {} into {} once, for an hour. It is written down."},
    {Phrase::EmergencyButton, "Sign in once"},
    {Phrase::ForgottenLink, "Forgotten your password?"},
    {Phrase::ForgottenTitle, "Choose a new password"},
    {Phrase::ForgottenText, "We send a link to your e-mail address. With it you choose a new password."},
    {Phrase::ForgottenSend, "Send the link"},
    {Phrase::ForgottenSentTitle, "Look into your mailbox"},
    {Phrase::ForgottenSentText,
     "If {} may sign in with a password here, a link is on its way and works for a day. Nothing there after "
     "ten "
     "minutes? Look among the junk mail, then ask your administrator."},
}};

constexpr Phrases kGerman = {{
    {Phrase::SignIn, "Anmelden"},
    {Phrase::SignInTo, "Bei {} anmelden"},
    {Phrase::EmailAddress, "E-Mail-Adresse"},
    {Phrase::EmailHint, "Die E-Mail-Adresse, die Sie von Ihrer Firma haben."},
    {Phrase::Continue, "Weiter"},
    {Phrase::Password, "Passwort"},
    {Phrase::SignInWithPassword, "Mit Passwort anmelden"},
    {Phrase::SignInWithCompany, "Mit dem Firmenkonto anmelden"},
    {Phrase::OtherAddress, "Andere E-Mail-Adresse verwenden"},
    {Phrase::OrPassword, "oder mit Ihrem Passwort"},
    {Phrase::WrongEmailOrPassword,
     "E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beides und versuchen Sie es noch "
     "einmal."},
    {Phrase::EmailMissing, "Geben Sie Ihre E-Mail-Adresse ein, zum Beispiel name@firma.de."},
    {Phrase::ForgotPassword, "Passwort vergessen? Ihre Administration gibt Ihnen ein neues."},
    {Phrase::SignedInAs, "Angemeldet als {}"},
    {Phrase::Welcome, "Willkommen, {}"},
    {Phrase::Account, "Firma"},
    {Phrase::AccountHint, "Der Kurzname aus dem Anmeldelink Ihrer Firma. Ihre Administration kennt ihn."},
    {Phrase::Department, "Abteilung"},
    {Phrase::UserName, "Benutzername"},
    {Phrase::SignedInBy, "Angemeldet mit"},
    {Phrase::ByProvider, "Firmenkonto"},
    {Phrase::ByPassword, "Passwort"},
    {Phrase::AdministratorRights, "Administrationsrechte"},
    {Phrase::Yes, "Ja"},
    {Phrase::No, "Nein"},
    {Phrase::YourSignIns, "Wo Sie angemeldet sind"},
    {Phrase::YourSignInsHint,
     "Wenn Sie etwas davon nicht kennen, beenden Sie es und sagen Sie es Ihrer Administration."},
    {Phrase::ThisDevice, "dieser Browser"},
    {Phrase::LastUsed, "zuletzt benutzt {}"},
    {Phrase::EndSignIn, "Beenden"},
    {Phrase::EndOtherSignIns, "Alle anderen beenden"},
    {Phrase::SignOut, "Abmelden"},
    {Phrase::OpenConsole, "Konsole öffnen"},
    {Phrase::OpenProfile, "Profil und Passwort"},
    {Phrase::SignedOutTitle, "Sie sind abgemeldet"},
    {Phrase::SignedOutText, "Schließen Sie dieses Fenster, wenn andere diesen Rechner benutzen."},
    {Phrase::SignOutOf, "Von {} abmelden?"},
    {Phrase::SignedOutOf, "Sie sind von {} abgemeldet"},
    {Phrase::SignedOutOfText,
     "Ihre Anmeldung bei Ihrer Firma besteht noch; wer zurückkommt, braucht kein Passwort. Wenn andere "
     "diesen "
     "Rechner benutzen, melden Sie sich auch dort ab."},
    {Phrase::SignOutThereToo, "Zur Anmeldung bei Ihrer Firma"},
    {Phrase::SignInAgain, "Wieder anmelden"},
    {Phrase::ToHomePage, "Zur Startseite"},
    {Phrase::ReferenceNumber, "Referenznummer"},
    {Phrase::ReferenceHint, "Unter dieser Nummer findet Ihre Administration alle Einzelheiten."},
    {Phrase::RequestNumber, "Nummer der Anfrage"},
    {Phrase::RequestHint, "Wer diesen Server betreibt, findet die Ursache unter dieser Nummer im Protokoll."},
    {Phrase::WhatToDo, "Was Sie tun können"},
    {Phrase::ContinueToProvider, "Weiter zur Anmeldung Ihrer Firma"},
    {Phrase::ContinueToProviderHint, "Wenn gleich nichts geschieht, drücken Sie auf Weiter."},
    {Phrase::ContinueButton, "Weiter"},
    {Phrase::TestPassedTitle, "Die Testanmeldung hat geklappt"},
    {Phrase::TestPassedText, "Diese Person würde bei {} angemeldet."},
    {Phrase::TestNoSession,
     "Dies war ein Test: Niemand wurde angemeldet. Sie können dieses Fenster schließen."},
    {Phrase::WhatWasReceived, "Was empfangen wurde"},
    {Phrase::Employee, "Mitarbeiterin oder Mitarbeiter"},
    {Phrase::ConsentTitle, "{} fragt, wer Sie sind"},
    {Phrase::ConsentText, "Wenn Sie es erlauben, erfährt {}:"},
    {Phrase::ConsentReturn, "Danach geht es weiter zu {}."},
    {Phrase::WishIdentity, "dass Sie es sind und von welcher Firma Sie kommen"},
    {Phrase::WishProfile, "Ihren Namen, Benutzernamen und Ihre Sprache"},
    {Phrase::WishEmail, "Ihre E-Mail-Adresse"},
    {Phrase::WishGroups, "in welchen Gruppen Sie sind"},
    {Phrase::WishDepartments, "Ihre Abteilung"},
    {Phrase::WishOffline,
     "all dies auch, während Sie nicht da sind, bis Sie oder Ihre Administration es beenden"},
    {Phrase::Allow, "Erlauben"},
    {Phrase::DoNotAllow, "Nicht erlauben"},
    {Phrase::OtherCompanyTitle, "Sie sind bei einer anderen Firma angemeldet"},
    {Phrase::OtherCompanyText, "Sie sind bei {} angemeldet. {} gehört zu {}."},
    {Phrase::SignOutTitle, "Abmelden?"},
    {Phrase::SignOutAsked, "{} möchte Sie abmelden."},
    {Phrase::SignOutEffect,
     "Sie werden hier abgemeldet, und Anwendungen, zu denen Sie von hier aus gegangen sind, verlieren ihren "
     "Zugang."},
    {Phrase::StaySignedIn, "Angemeldet bleiben"},
    {Phrase::ContinueToApplication, "Weiter zu {}"},
    {Phrase::ChoosePassword, "Passwort wählen"},
    {Phrase::ChoosePasswordFor, "Für {}, bei {}."},
    {Phrase::NewPassword, "Neues Passwort"},
    {Phrase::NewPasswordHint, "Mindestens 8 Zeichen; ein Satz ist leichter zu merken als ein Durcheinander."},
    {Phrase::RepeatPassword, "Noch einmal dasselbe"},
    {Phrase::PasswordsDiffer, "Die beiden Eingaben sind verschieden. Geben Sie das Passwort zweimal ein."},
    {Phrase::PasswordUnusable, "Das kann nicht Ihr Passwort sein: Es braucht mindestens 8 Zeichen."},
    {Phrase::SavePassword, "Speichern und anmelden"},
    {Phrase::EmergencyTitle, "Anmeldung im Notfall"},
    {Phrase::EmergencyText,
     "Der Betrieb lässt {} einmal bei {} ein, für eine Stunde. Das wird festgehalten."},
    {Phrase::EmergencyButton, "Einmal anmelden"},
    {Phrase::ForgottenLink, "Passwort vergessen?"},
    {Phrase::ForgottenTitle, "Ein neues Passwort wählen"},
    {Phrase::ForgottenText,
     "Wir senden einen Link an Ihre E-Mail-Adresse. Mit ihm wählen Sie ein neues Passwort."},
    {Phrase::ForgottenSend, "Link senden"},
    {Phrase::ForgottenSentTitle, "Sehen Sie in Ihr Postfach"},
    {Phrase::ForgottenSentText,
     "Wenn {} sich hier mit Passwort anmelden darf, ist ein Link unterwegs, der einen Tag gilt. Nach zehn "
     "Minuten "
     "noch nichts da? Sehen Sie bei den unerwünschten Nachrichten nach, dann fragen Sie Ihre "
     "Administration."},
}};

constexpr Troubles kEnglishTroubles = {{
    {Trouble::NoEmail,
     {"Your company’s directory has no e-mail address for you",
      "We recognise people by their e-mail address, and your company account came without one.",
      "Ask your IT department to enter your e-mail address in your profile under Contact information, then "
      "sign in "
      "again."}},
    {Trouble::NotProvisioned,
     {"You do not have access yet", "Your company account is fine, but nobody with it has been added here.",
      "Ask your administrator to add you. If that has just been done, it can take up to an hour to arrive."}},
    {Trouble::Deactivated,
     {"Your access has been switched off",
      "Your company account is fine, but your access here was deactivated.",
      "If you think that this is a mistake, ask your administrator."}},
    {Trouble::OutsideDomains,
     {"Your e-mail address does not belong to this company",
      "Only addresses in the company’s own domains may sign in here, and yours is in another one.",
      "Check that you signed in with your company account and not with a private one. If you did, ask your "
      "administrator."}},
    {Trouble::IdentityUnclear,
     {"We cannot tell for certain who you are",
      "What your company account says about you fits more than one person here, or somebody else.",
      "Please give the reference number to your administrator. Trying again will not help until it is sorted "
      "out."}},
    {Trouble::Clock,
     {"The clocks do not agree",
      "The time on your company’s sign-in server and the time here are too far apart.",
      "Try again in a few minutes. If it happens again, give the request number to your administrator."}},
    {Trouble::WrongAccount,
     {"This sign-in was meant for another address",
      "Your company’s sign-in sent an answer that is addressed to somewhere else.",
      "Start again from your company’s portal. If it happens again, your administrator needs to compare the "
      "Reply URL "
      "and the Identifier."}},
    {Trouble::UnknownCertificate,
     {"Your company’s sign-in uses a new certificate",
      "The answer was signed with a certificate that has not been announced here.",
      "Please tell your administrator and give the reference number. Trying again will not help."}},
    {Trouble::NotTrusted,
     {"This sign-in could not be trusted",
      "The answer from your company’s sign-in did not pass our checks, so we stopped.",
      "Start again. If it happens again, give the request number to your administrator."}},
    {Trouble::Unreadable,
     {"We could not read the answer",
      "The answer from your company’s sign-in arrived damaged or in a form that we do not know.",
      "Start again. If it happens again, give the request number to your administrator."}},
    {Trouble::EncryptionUnsafe,
     {"A setting at your company’s sign-in has to change",
      "The answer was encrypted in a way that is only safe when the whole response is signed as well.",
      "Please tell your administrator and give the reference number. Trying again will not help."}},
    {Trouble::ProviderRefused,
     {"Your company’s sign-in said no", "It answered that you cannot sign in now.",
      "Try again. If it happens again, ask your IT department whether you may use this application."}},
    {Trouble::TooOld,
     {"That took too long", "The sign-in is no longer valid because too much time has passed.",
      "Sign in again."}},
    {Trouble::AlreadyUsed,
     {"This sign-in has been used already",
      "Each sign-in works once. This happens after going back or reloading the page.", "Sign in again."}},
    {Trouble::OtherBrowser,
     {"We lost track of your sign-in",
      "The answer arrived in a browser that did not ask for it. This happens when cookies are blocked, or "
      "when the "
      "page was open for a long time.",
      "Allow cookies for this site and sign in again, in the same window."}},
    {Trouble::Unsolicited,
     {"Please start from the sign-in page",
      "Your company’s portal sent a sign-in that nobody asked for, and this company’s settings do not accept "
      "that.",
      "Open the sign-in page and continue from there."}},
    {Trouble::NotConfigured,
     {"Single sign-on is not set up here",
      "This company has not connected its sign-in yet, or has several and this address names none of them.",
      "Sign in with your e-mail address, or ask your administrator."}},
    {Trouble::ConnectionNotAccepted,
     {"Single sign-on is not open yet",
      "Your company’s sign-in has been prepared, and an administrator has yet to accept it. It signs nobody "
      "in before that.",
      "Sign in with your password as before, or ask your administrator."}},
    {Trouble::PlanWithoutSso,
     {"Single sign-on is not part of this company’s plan",
      "Signing in with a company account needs another plan.",
      "Sign in with your password, or ask your administrator."}},
    {Trouble::PasswordClosed,
     {"Please use your company account",
      "This company signs in with single sign-on only; passwords no longer work.",
      "Go back, enter your company e-mail address and continue to your company’s sign-in."}},
    {Trouble::TooManyAttempts,
     {"Too many attempts", "There were too many attempts to sign in within a short time.",
      "Wait a few minutes, then try again."}},
    {Trouble::UnknownAccount,
     {"There is no company at this address", "The link is mistyped, or the company is no longer here.",
      "Check the link, or sign in with your e-mail address."}},
    {Trouble::ApplicationDenied,
     {"You may not use this application",
      "You are signed in, but nobody has given you access to this application, or it is switched off.",
      "If you need it, ask your administrator."}},
    {Trouble::UnknownApplication,
     {"This application is not connected",
      "It asks here who you are, but nobody has entered its address here, or it is switched off.",
      "Tell whoever runs the application, or your administrator."}},
    {Trouble::WrongReturnAddress,
     {"This application may not send you back there",
      "So that nobody can steal a sign-in, people are sent back only to addresses that were registered for "
      "the application, and this is none of them.",
      "Tell whoever runs the application: its redirect address has to be the registered one, letter by "
      "letter."}},
    {Trouble::RequestOver,
     {"This sign-in is over",
      "It was completed already, or too much time has passed since the application sent you here.",
      "Go back to the application and start again."}},
    {Trouble::LinkDead,
     {"This link does not work any more",
      "It was used already, a newer one took its place, its time is over, or passwords are closed by now.",
      "Ask for a new link on the sign-in page, or ask your administrator."}},
    {Trouble::CrossSite,
     {"That came from another site", "For your safety, forms work only on the page that they belong to.",
      "Open the page here and try again."}},
    {Trouble::NotFound,
     {"There is nothing here", "The page does not exist, or it has moved.",
      "Check the link, or start from the home page."}},
    {Trouble::BadRequest,
     {"We did not understand that", "The browser sent something that this page cannot use.",
      "Go back and try again."}},
    {Trouble::TooBusy,
     {"Too busy at the moment", "The server cannot answer right now. Nothing has been lost.",
      "Wait a moment, then reload the page."}},
    {Trouble::Internal,
     {"Something is wrong on our side", "The server could not finish this. Nothing has been lost.",
      "Try again in a moment. If it happens again, give the request number to your administrator."}},
}};

constexpr Troubles kGermanTroubles = {{
    {Trouble::NoEmail,
     {"Im Verzeichnis Ihrer Firma fehlt Ihre E-Mail-Adresse",
      "Wir erkennen Menschen an ihrer E-Mail-Adresse, und Ihr Firmenkonto kam ohne eine an.",
      "Bitten Sie Ihre IT, Ihre E-Mail-Adresse in Ihrem Profil unter Kontaktinformationen einzutragen, und "
      "melden Sie "
      "sich dann noch einmal an."}},
    {Trouble::NotProvisioned,
     {"Sie haben noch keinen Zugang",
      "Ihr Firmenkonto ist in Ordnung, aber niemand damit wurde hier angelegt.",
      "Bitten Sie Ihre Administration, Sie anzulegen. Ist das gerade geschehen, kann es bis zu einer Stunde "
      "dauern."}},
    {Trouble::Deactivated,
     {"Ihr Zugang ist abgeschaltet",
      "Ihr Firmenkonto ist in Ordnung, aber Ihr Zugang hier wurde deaktiviert.",
      "Wenn Sie das für einen Irrtum halten, fragen Sie Ihre Administration."}},
    {Trouble::OutsideDomains,
     {"Ihre E-Mail-Adresse gehört nicht zu dieser Firma",
      "Hier melden sich nur Adressen aus den Domänen der Firma an, und Ihre liegt in einer anderen.",
      "Prüfen Sie, ob Sie sich mit dem Firmenkonto und nicht mit einem privaten angemeldet haben. Wenn ja, "
      "fragen Sie "
      "Ihre Administration."}},
    {Trouble::IdentityUnclear,
     {"Wir können nicht sicher sagen, wer Sie sind",
      "Was Ihr Firmenkonto über Sie sagt, passt hier auf mehr als eine Person oder auf jemand anderen.",
      "Bitte geben Sie Ihrer Administration die Referenznummer. Ein neuer Versuch hilft erst, wenn das "
      "geklärt ist."}},
    {Trouble::Clock,
     {"Die Uhren gehen auseinander",
      "Die Uhrzeit am Anmeldedienst Ihrer Firma und die Uhrzeit hier liegen zu weit auseinander.",
      "Versuchen Sie es in einigen Minuten wieder. Geschieht es noch einmal, geben Sie Ihrer Administration "
      "die "
      "Referenznummer."}},
    {Trouble::WrongAccount,
     {"Diese Anmeldung war für eine andere Adresse bestimmt",
      "Der Anmeldedienst Ihrer Firma hat eine Antwort geschickt, die an eine andere Stelle gerichtet ist.",
      "Beginnen Sie noch einmal im Portal Ihrer Firma. Geschieht es wieder, muss Ihre Administration "
      "Antwort-URL und "
      "Bezeichner vergleichen."}},
    {Trouble::UnknownCertificate,
     {"Der Anmeldedienst Ihrer Firma benutzt ein neues Zertifikat",
      "Die Antwort ist mit einem Zertifikat unterschrieben, das hier nicht bekannt ist.",
      "Bitte sagen Sie es Ihrer Administration und nennen Sie die Referenznummer. Ein neuer Versuch hilft "
      "nicht."}},
    {Trouble::NotTrusted,
     {"Dieser Anmeldung konnten wir nicht trauen",
      "Die Antwort vom Anmeldedienst Ihrer Firma hat unsere Prüfungen nicht bestanden. Deshalb haben wir "
      "abgebrochen.",
      "Beginnen Sie noch einmal. Geschieht es wieder, geben Sie Ihrer Administration die Referenznummer."}},
    {Trouble::Unreadable,
     {"Wir konnten die Antwort nicht lesen",
      "Die Antwort vom Anmeldedienst Ihrer Firma kam beschädigt oder in einer unbekannten Form an.",
      "Beginnen Sie noch einmal. Geschieht es wieder, geben Sie Ihrer Administration die Referenznummer."}},
    {Trouble::EncryptionUnsafe,
     {"Eine Einstellung am Anmeldedienst Ihrer Firma muss geändert werden",
      "Die Antwort war so verschlüsselt, wie es nur sicher ist, wenn auch die ganze Antwort unterschrieben "
      "ist.",
      "Bitte sagen Sie es Ihrer Administration und nennen Sie die Referenznummer. Ein neuer Versuch hilft "
      "nicht."}},
    {Trouble::ProviderRefused,
     {"Der Anmeldedienst Ihrer Firma hat abgelehnt",
      "Er hat geantwortet, dass Sie sich jetzt nicht anmelden können.",
      "Versuchen Sie es noch einmal. Geschieht es wieder, fragen Sie Ihre IT, ob Sie diese Anwendung "
      "benutzen dürfen."}},
    {Trouble::TooOld,
     {"Das hat zu lange gedauert", "Die Anmeldung gilt nicht mehr, weil zu viel Zeit vergangen ist.",
      "Melden Sie sich noch einmal an."}},
    {Trouble::AlreadyUsed,
     {"Diese Anmeldung wurde schon benutzt",
      "Jede Anmeldung gilt einmal. So etwas geschieht, wenn man zurückgeht oder die Seite neu lädt.",
      "Melden Sie sich noch einmal an."}},
    {Trouble::OtherBrowser,
     {"Ihre Anmeldung ist uns verloren gegangen",
      "Die Antwort kam in einem Browser an, der nicht danach gefragt hat. So etwas geschieht, wenn Cookies "
      "gesperrt "
      "sind oder die Seite lange offen war.",
      "Erlauben Sie Cookies für diese Seite und melden Sie sich im selben Fenster noch einmal an."}},
    {Trouble::Unsolicited,
     {"Bitte beginnen Sie auf der Anmeldeseite",
      "Das Portal Ihrer Firma hat eine Anmeldung geschickt, nach der niemand gefragt hat. Das lassen die "
      "Einstellungen "
      "dieser Firma nicht zu.",
      "Öffnen Sie die Anmeldeseite und fahren Sie dort fort."}},
    {Trouble::NotConfigured,
     {"Single Sign-on ist hier nicht eingerichtet",
      "Diese Firma hat ihren Anmeldedienst noch nicht verbunden, oder sie hat mehrere und diese Adresse "
      "nennt keinen.",
      "Melden Sie sich mit Ihrer E-Mail-Adresse an oder fragen Sie Ihre Administration."}},
    {Trouble::ConnectionNotAccepted,
     {"Single Sign-on ist noch nicht freigegeben",
      "Die Anmeldung Ihrer Firma ist vorbereitet, und die Administration muss sie noch annehmen. Vorher "
      "meldet sie niemanden an.",
      "Melden Sie sich wie bisher mit Ihrem Passwort an oder fragen Sie Ihre Administration."}},
    {Trouble::PlanWithoutSso,
     {"Single Sign-on gehört nicht zum Tarif dieser Firma",
      "Die Anmeldung mit dem Firmenkonto braucht einen anderen Tarif.",
      "Melden Sie sich mit Ihrem Passwort an oder fragen Sie Ihre Administration."}},
    {Trouble::PasswordClosed,
     {"Bitte benutzen Sie Ihr Firmenkonto",
      "Diese Firma meldet sich nur mit Single Sign-on an; Passwörter gelten nicht mehr.",
      "Gehen Sie zurück, geben Sie Ihre Firmenadresse ein und fahren Sie beim Anmeldedienst Ihrer Firma "
      "fort."}},
    {Trouble::TooManyAttempts,
     {"Zu viele Versuche", "In kurzer Zeit gab es zu viele Versuche, sich anzumelden.",
      "Warten Sie einige Minuten und versuchen Sie es dann wieder."}},
    {Trouble::UnknownAccount,
     {"Unter dieser Adresse gibt es keine Firma",
      "Der Link ist vertippt, oder es gibt die Firma hier nicht mehr.",
      "Prüfen Sie den Link, oder melden Sie sich mit Ihrer E-Mail-Adresse an."}},
    {Trouble::ApplicationDenied,
     {"Sie dürfen diese Anwendung nicht benutzen",
      "Sie sind angemeldet, aber niemand hat Ihnen Zugang zu dieser Anwendung gegeben, oder sie ist "
      "abgeschaltet.",
      "Wenn Sie sie brauchen, fragen Sie Ihre Administration."}},
    {Trouble::UnknownApplication,
     {"Diese Anwendung ist nicht angeschlossen",
      "Sie fragt hier, wer Sie sind, aber ihre Adresse ist hier nicht eingetragen, oder sie ist "
      "abgeschaltet.",
      "Sagen Sie es denen, die die Anwendung betreiben, oder Ihrer Administration."}},
    {Trouble::WrongReturnAddress,
     {"Dorthin darf diese Anwendung Sie nicht zurückschicken",
      "Damit niemand eine Anmeldung stehlen kann, geht es nur an Adressen zurück, die für die Anwendung "
      "eingetragen sind, und diese gehört nicht dazu.",
      "Sagen Sie es dem Betreiber der Anwendung: Ihre Rückkehradresse muss Zeichen für Zeichen die "
      "eingetragene sein."}},
    {Trouble::RequestOver,
     {"Diese Anmeldung ist vorbei",
      "Sie wurde schon abgeschlossen, oder es ist zu viel Zeit vergangen, seit die Anwendung Sie "
      "hierher geschickt hat.",
      "Gehen Sie zurück zur Anwendung und beginnen Sie noch einmal."}},
    {Trouble::LinkDead,
     {"Dieser Link gilt nicht mehr",
      "Er wurde schon benutzt, ein neuerer ist an seine Stelle getreten, seine Zeit ist um, oder Passwörter "
      "gelten "
      "nicht mehr.",
      "Fordern Sie auf der Anmeldeseite einen neuen an, oder fragen Sie Ihre Administration."}},
    {Trouble::CrossSite,
     {"Das kam von einer anderen Website",
      "Zu Ihrer Sicherheit gelten Formulare nur auf der Seite, zu der sie gehören.",
      "Öffnen Sie die Seite hier und versuchen Sie es noch einmal."}},
    {Trouble::NotFound,
     {"Hier ist nichts", "Die Seite gibt es nicht, oder sie ist umgezogen.",
      "Prüfen Sie den Link, oder beginnen Sie auf der Startseite."}},
    {Trouble::BadRequest,
     {"Das haben wir nicht verstanden",
      "Der Browser hat etwas geschickt, mit dem diese Seite nichts anfangen kann.",
      "Gehen Sie zurück und versuchen Sie es noch einmal."}},
    {Trouble::TooBusy,
     {"Im Augenblick überlastet", "Der Server kann gerade nicht antworten. Es ist nichts verloren.",
      "Warten Sie einen Augenblick und laden Sie die Seite neu."}},
    {Trouble::Internal,
     {"Auf unserer Seite stimmt etwas nicht",
      "Der Server konnte das nicht zu Ende bringen. Es ist nichts verloren.",
      "Versuchen Sie es gleich noch einmal. Geschieht es wieder, geben Sie Ihrer Administration die "
      "Nummer der Anfrage."}},
}};

static_assert(complete<Phrase, std::string_view>(kEnglish) && complete<Phrase, std::string_view>(kGerman));
static_assert(complete<Trouble, TroubleText>(kEnglishTroubles) &&
              complete<Trouble, TroubleText>(kGermanTroubles));

}  // namespace

std::string_view phrase(Language language, Phrase which) {
  CHECK(which < Phrase::Count);
  const Phrases& phrases = language == Language::German ? kGerman : kEnglish;
  return phrases[static_cast<std::size_t>(which)].second;
}

const TroubleText& trouble_text(Language language, Trouble trouble) {
  CHECK(trouble < Trouble::Count);
  const Troubles& troubles = language == Language::German ? kGermanTroubles : kEnglishTroubles;
  return troubles[static_cast<std::size_t>(trouble)].second;
}

}  // namespace doorward::pages
