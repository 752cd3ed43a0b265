export { Note, type NoteProps, type NoteTone } from "../island_components/Note.tsx";
