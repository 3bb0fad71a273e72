import { describeViewLaws } from '@reprise/view-store/contract';
import { templateView } from './definition.js';

describeViewLaws(templateView);
